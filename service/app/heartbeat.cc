#include "service/app/heartbeat.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/log.h"

namespace systask::service {

void Heartbeat::on_tick(Micros lateness, std::size_t claimed) {
  next_.on_tick(lateness, claimed);
  if (path_.empty()) return;
  const TimePoint second = std::chrono::floor<std::chrono::seconds>(clock_.now());
  if (second == touched_) return;
  touched_ = second;
  touch();
}

void Heartbeat::touch() {
  const int file = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
  const bool good = file >= 0 && ::futimens(file, nullptr) == 0;
  const int error = errno;
  if (file >= 0) ::close(file);
  if (!good && !failed_)
    log::error("the heartbeat file cannot be touched: make its directory writable",
               {{"file", path_}, {"error", std::strerror(error)}});
  failed_ = !good;
}

}  // namespace systask::service
