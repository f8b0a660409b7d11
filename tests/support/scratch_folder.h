// A folder that no other test uses, whatever runs beside it, and that is gone with the test.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>

namespace systask {

class ScratchFolder {
 public:
  ScratchFolder() {
    std::string name = ::testing::TempDir() + "systask-XXXXXX";
    if (::mkdtemp(name.data()) == nullptr)
      throw std::runtime_error("no folder can be made below " + ::testing::TempDir());
    path_ = name;
  }
  ~ScratchFolder() {
    std::error_code left;
    std::filesystem::remove_all(path_, left);
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;

  [[nodiscard]] std::string file(const std::string& name) const { return (path_ / name).string(); }
  [[nodiscard]] std::string url() const { return "sqlite3://" + file("test.db"); }

 private:
  std::filesystem::path path_;
};

}  // namespace systask
