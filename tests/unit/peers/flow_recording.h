// A recorded flow for tests: rows after the heading, in a file that goes with the test.
#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "tests/support/scratch_folder.h"

namespace systask::peers::flow {

class RecordingFile {
 public:
  explicit RecordingFile(const std::string& rows,
                         const std::string& heading = "t_us,order,event,side,price,qty\n")
      : path_(folder_.file("flow.csv")) {
    std::ofstream{path_} << heading << rows;
  }

  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  const ScratchFolder folder_;
  const std::string path_;
};

}  // namespace systask::peers::flow
