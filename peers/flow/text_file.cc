#include "peers/flow/text_file.h"

#include <fmt/format.h>
#include <zlib.h>

#include <stdexcept>

namespace systask::peers::flow {

struct TextFile::Handle {
  gzFile file;  // zlib reads a plain file through the same calls
  ~Handle() {
    if (file != nullptr) ::gzclose(file);
  }
};

TextFile::TextFile(const FileName& name)
    : shown_(name.shown), handle_(new Handle{::gzopen(name.path.c_str(), "rb")}) {
  if (handle_->file == nullptr)
    throw std::runtime_error(fmt::format(
        "the recorded flow {} cannot be opened; check the path given with --from", shown_));
  ::gzbuffer(handle_->file, 1U << 16U);
}

TextFile::~TextFile() = default;

std::size_t TextFile::read(std::span<char> into) {
  const int got = ::gzread(handle_->file, into.data(), static_cast<unsigned>(into.size()));
  if (got <= 0) complain_of_error();
  return got > 0 ? static_cast<std::size_t>(got) : 0;
}

bool TextFile::read_line(std::span<char> into, std::string_view& line) {
  if (::gzgets(handle_->file, into.data(), static_cast<int>(into.size())) == nullptr) {
    complain_of_error();
    return false;
  }
  line = into.data();
  // What is left of a line where the file breaks off is no line.
  if (!line.ends_with('\n')) complain_of_error();
  while (!line.empty() && (line.back() == '\n' || line.back() == '\r'))
    line.remove_suffix(1);
  return true;
}

void TextFile::complain_of_error() const {
  int error = Z_OK;
  const char* const why = ::gzerror(handle_->file, &error);
  if (error == Z_OK || error == Z_STREAM_END) return;
  throw std::runtime_error(
      fmt::format("{} breaks off: it was packed with gzip, and is damaged or not all there ({}); "
                  "copy it again",
                  shown_, why));
}

}  // namespace systask::peers::flow
