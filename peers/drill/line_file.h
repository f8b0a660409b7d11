// A LineFile reads a file that another process is still writing: each call gives the whole
// lines that are new. A line without its end stays until it has one. One thread.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace systask::peers::drill {

class LineFile {
 public:
  explicit LineFile(std::string path) : path_(std::move(path)) {}

  // A file that does not exist yet has no lines. Throws std::system_error where it cannot
  // be read.
  void read_new(const std::function<void(std::string_view line)>& take);

  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
  std::int64_t offset_ = 0;
  std::string rest_;
};

}  // namespace systask::peers::drill
