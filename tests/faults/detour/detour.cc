// Leads the connections of a `systask site` to a proxy of a test. It is loaded in front of the
// shipped binary (LD_PRELOAD), whose drills pass it on to their sites; in every other process it
// does nothing. connect() to an IPv4 address goes to port SYSTASK_DETOUR of this machine, and the
// port that was meant is written to the file SYSTASK_DETOUR_MEANT.
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <string>

#include "tests/faults/library/real.h"

namespace {

bool is_site() {
  char words[64] = {};
  const int file = ::open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC);
  if (file < 0) return false;
  const ssize_t size = ::read(file, words, sizeof words - 1);
  ::close(file);
  const std::size_t first = std::strlen(words) + 1;  // the words end with a zero each
  return size > static_cast<ssize_t>(first) && std::strcmp(words + first, "site") == 0;
}

void note(unsigned port) {
  const char* const path = std::getenv("SYSTASK_DETOUR_MEANT");
  if (path == nullptr) return;
  const std::string text = std::to_string(port) + "\n";
  const int file = ::open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) return;
  static_cast<void>(::pwrite(file, text.data(), text.size(), 0) > 0);
  ::close(file);
}

}  // namespace

extern "C" __attribute__((visibility("default"))) int connect(int socket, const sockaddr* address,
                                                              socklen_t size) {
  static const auto next = systask::faults::real("connect", &connect);
  static const char* const detour = std::getenv("SYSTASK_DETOUR");
  static const bool site = is_site();
  if (detour == nullptr || !site || address->sa_family != AF_INET)
    return next(socket, address, size);
  sockaddr_in to{};
  std::memcpy(&to, address, sizeof to);
  note(ntohs(to.sin_port));
  to.sin_port = htons(static_cast<std::uint16_t>(std::atoi(detour)));
  return next(socket, reinterpret_cast<const sockaddr*>(&to), sizeof to);
}
