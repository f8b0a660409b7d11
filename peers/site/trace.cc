#include "peers/site/trace.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <system_error>

namespace systask::peers {
namespace {

[[noreturn]] void fail(const std::string& what, const std::string& path) {
  throw std::system_error(errno, std::generic_category(), what + " the trace file " + path);
}

}  // namespace

Trace::Trace(const std::string& path) : path_(path) {
  if (path_.empty()) return;
  file_ = ::open(path_.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
  if (file_ < 0) fail("cannot open", path_);
}

Trace::~Trace() {
  if (file_ >= 0) ::close(file_);
}

void Trace::line(char kind, std::initializer_list<Word> words) {
  if (file_ < 0) return;
  waiting_ += kind;
  for (const Word& word : words) {
    waiting_ += ' ';
    if (word.is_number) {
      std::array<char, 24> digits;
      const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), word.number);
      waiting_.append(digits.data(), end.ptr);
    } else {
      waiting_ += word.text;
    }
  }
  waiting_ += '\n';
}

void Trace::flush() {
  std::string_view rest = waiting_;
  while (!rest.empty()) {
    const auto written = ::write(file_, rest.data(), rest.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail("cannot write", path_);
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
  waiting_.clear();
}

}  // namespace systask::peers
