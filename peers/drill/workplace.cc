#include "peers/drill/workplace.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <random>
#include <system_error>

namespace systask::peers::drill {
namespace {

[[noreturn]] void fail(const std::string& what) {
  throw std::system_error(errno, std::generic_category(), what);
}

}  // namespace

// Bound, but never listening: a service that allows the address to be used again can listen
// there, and again after its death, and the kernel gives the port to nobody else meanwhile.
KeptPort::KeptPort() : file_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  const int on = 1;
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = ::htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (file_ < 0 || ::bind(file_, generic, size) != 0 || ::getsockname(file_, generic, &size) != 0 ||
      ::setsockopt(file_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0)
    fail("no free port of 127.0.0.1 can be had");
  number_ = ::ntohs(address.sin_port);
}

KeptPort::~KeptPort() { ::close(file_); }

namespace {

std::string random_secret() {
  std::random_device random;
  std::string text;
  for (int i = 0; i < 8; ++i)
    text += fmt::format("{:08x}", random());
  return text;
}

// Markets trade around the clock and no day begins, so that a drill runs at any hour.
std::string configuration(const std::string& directory, std::uint16_t port) {
  return fmt::format(R"(service:
  database: "sqlite3://{0}/systask.db"
  listen: "127.0.0.1:{1}"
  time_zone: Asia/Shanghai
  secrets: "{0}/service.secrets"
  day_exec_time_range: "000000-240000"
lanes:
  1: {{threads: 8, queue: 1000}}
  2: {{threads: 2, queue: 1000}}
tasks:
  - {{id: 5180509, name: recover-plans, priority: 1, every: 1s, overlap: run-once-more}}
  - {{id: 90005, name: expire-sites, priority: 1, every: 1s}}
  - {{id: 90006, name: retry-outbox, priority: 1, every: 1s}}
  - {{id: 90007, name: apply-parked, priority: 1, every: 1s}}
  - {{id: 402997, name: drop-silent-sessions, priority: 1, every: 10s}}
  - {{id: 90009, name: watch-clock, priority: 2, every: 1s}}
)",
                     directory, port);
}

}  // namespace

Workplace::Workplace(const std::vector<std::string>& sites) {
  const char* base = std::getenv("TMPDIR");
  directory_ = std::string{base != nullptr && *base != 0 ? base : "/tmp"} + "/systask-drill-XXXXXX";
  if (::mkdtemp(directory_.data()) == nullptr)
    fail("the directory " + directory_ + " cannot be made");
  std::string secrets;
  for (const std::string& site : sites)
    secrets += fmt::format("site {} {}\n", site, random_secret());
  secrets += fmt::format("order_system flow {}\n", random_secret());
  write("service.secrets", secrets);
  write("tasks.yaml", configuration(directory_, port_.number()));
}

Workplace::~Workplace() {
  std::error_code ignored;
  if (!keep_) std::filesystem::remove_all(directory_, ignored);
}

void Workplace::write(const std::string& name, const std::string& text) const {
  const int file = ::open(path(name).c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  const auto size = static_cast<ssize_t>(text.size());
  if (file < 0 || ::write(file, text.data(), text.size()) != size || ::close(file) != 0)
    fail(path(name) + " cannot be written");
}

}  // namespace systask::peers::drill
