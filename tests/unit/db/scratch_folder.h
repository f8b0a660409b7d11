// A folder of its own for each test, gone with it.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

namespace systask::db {

class ScratchFolder {
 public:
  ScratchFolder() {
    const auto* const test = testing::UnitTest::GetInstance()->current_test_info();
    path_ = std::filesystem::path{testing::TempDir()} /
            (std::string{"db_"} + test->test_suite_name() + "_" + test->name());
    std::filesystem::remove_all(path_);
    std::filesystem::create_directories(path_);
  }
  ~ScratchFolder() { std::filesystem::remove_all(path_); }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;

  [[nodiscard]] std::string file(const std::string& name) const { return (path_ / name).string(); }
  [[nodiscard]] std::string url() const { return "sqlite3://" + file("test.db"); }

 private:
  std::filesystem::path path_;
};

}  // namespace systask::db
