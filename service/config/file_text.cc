#include "service/config/file_text.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace systask::service {

Result<std::string> text_of_file(const std::string& file) {
  if (std::filesystem::is_directory(file)) return Refusal{"UNREADABLE", "it is a directory"};
  std::ifstream in{file, std::ios::binary};
  if (!in) return Refusal{"UNREADABLE", std::strerror(errno)};
  std::ostringstream text;
  text << in.rdbuf();
  if (in.bad()) return Refusal{"UNREADABLE", std::strerror(errno)};
  return text.str();
}

}  // namespace systask::service
