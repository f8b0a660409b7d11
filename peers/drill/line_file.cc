#include "peers/drill/line_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

namespace systask::peers::drill {

void LineFile::read_new(const std::function<void(std::string_view line)>& take) {
  const int file = ::open(path_.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0 && errno == ENOENT) return;
  if (file < 0) throw std::system_error(errno, std::generic_category(), path_);
  std::array<char, 65'536> buffer;
  ssize_t count = 0;
  while ((count = ::pread(file, buffer.data(), buffer.size(), offset_)) > 0) {
    offset_ += count;
    rest_.append(buffer.data(), static_cast<std::size_t>(count));
  }
  const int error = count < 0 ? errno : 0;
  ::close(file);
  if (error != 0) throw std::system_error(error, std::generic_category(), path_);
  std::string_view left = rest_;
  for (auto end = left.find('\n'); end != std::string_view::npos; end = left.find('\n')) {
    take(left.substr(0, end));
    left.remove_prefix(end + 1);
  }
  rest_.erase(0, rest_.size() - left.size());
}

}  // namespace systask::peers::drill
