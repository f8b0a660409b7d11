#include "base/new_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>

namespace systask {
namespace {

std::atomic<unsigned> new_file_mode{0600};

}  // namespace

void set_new_file_mode(unsigned mode) { new_file_mode = mode & 0666U; }

void make_file(const std::string& path) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0) return;
  // By fchmod(), so that the process's umask takes nothing away.
  static_cast<void>(::fchmod(file, new_file_mode));
  ::close(file);
}

}  // namespace systask
