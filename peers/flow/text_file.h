// A TextFile reads a file, plain or gzipped, piece by piece. One thread.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace systask::peers::flow {

// Where a file is, and what it is called in what people read.
struct FileName {
  FileName(std::string where) : path(std::move(where)), shown(path) {}  // NOLINT: a path is one
  FileName(std::string where, std::string called)
      : path(std::move(where)), shown(std::move(called)) {}

  std::string path;
  std::string shown;
};

class TextFile {
 public:
  // Throws std::runtime_error, naming the file and what to do, where it cannot be opened.
  explicit TextFile(const FileName& name);
  ~TextFile();
  TextFile(const TextFile&) = delete;
  TextFile& operator=(const TextFile&) = delete;

  // How many bytes were read; 0 at the end. Throws where the file breaks off.
  std::size_t read(std::span<char> into);
  // A line as far as it fits, without its end; false at the end of the file.
  bool read_line(std::span<char> into, std::string_view& line);

 private:
  void complain_of_error() const;

  struct Handle;
  std::string shown_;
  std::unique_ptr<Handle> handle_;
};

}  // namespace systask::peers::flow
