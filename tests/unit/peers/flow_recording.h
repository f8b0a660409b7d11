// A recorded flow for tests: rows after the heading, in a file that goes with the test.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <string>

namespace systask::peers::flow {

class Recording {
 public:
  explicit Recording(const std::string& rows,
                     const std::string& heading = "t_us,order,event,side,price,qty\n")
      : path_(::testing::TempDir() + "flow-" + std::to_string(::getpid()) + ".csv") {
    std::ofstream{path_} << heading << rows;
  }
  ~Recording() { std::remove(path_.c_str()); }
  Recording(const Recording&) = delete;
  Recording& operator=(const Recording&) = delete;

  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace systask::peers::flow
