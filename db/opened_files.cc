#include "db/opened_files.h"

#include <filesystem>
#include <stdexcept>

namespace systask::db {

namespace fs = std::filesystem;

std::optional<std::string> OpenedFiles::moved() const {
  if (auto why = file_.changed()) return why;
  return log_.changed();
}

void OpenedFiles::expect_in_place() const {
  if (const auto why = moved()) throw std::runtime_error(*why);
}

std::string file_behind(const std::string& path) {
  constexpr int kMostLinks = 40;
  fs::path file{path};
  std::error_code error;
  for (int links = 0; links < kMostLinks && fs::is_symlink(file, error); ++links) {
    const fs::path target = fs::read_symlink(file, error);
    file = target.is_absolute() ? target : file.parent_path() / target;
  }
  const fs::path whole = fs::weakly_canonical(fs::absolute(file, error), error);
  return error ? path : whole.string();
}

}  // namespace systask::db
