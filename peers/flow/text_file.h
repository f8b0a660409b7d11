// A TextFile reads a file, plain or gzipped, piece by piece. One thread.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace systask::peers::flow {

class TextFile {
 public:
  // Throws std::runtime_error, naming the file and what to do, where it cannot be opened.
  explicit TextFile(const std::string& path);
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
  std::string path_;
  std::unique_ptr<Handle> handle_;
};

}  // namespace systask::peers::flow
