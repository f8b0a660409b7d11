#include "service/cli/screen.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <charconv>
#include <cstdlib>
#include <string_view>

namespace systask::service {
namespace {

constexpr std::size_t kNarrowest = 20;  // narrower than that, nothing can be read
constexpr std::size_t kUsual = 80;

std::size_t columns_of_environment() {
  const char* const text = std::getenv("COLUMNS");
  if (text == nullptr) return 0;
  const std::string_view digits{text};
  std::size_t columns = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), columns);
  return error == std::errc{} && end == digits.data() + digits.size() ? columns : 0;
}

}  // namespace

Screen standard_output() {
  if (::isatty(STDOUT_FILENO) != 1) return {};
  std::size_t columns = columns_of_environment();
  winsize size{};
  if (columns == 0 && ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0) columns = size.ws_col;
  if (columns == 0) columns = kUsual;
  return {columns < kNarrowest ? kNarrowest : columns};
}

}  // namespace systask::service
