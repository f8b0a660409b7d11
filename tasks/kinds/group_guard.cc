#include "tasks/kinds/group_guard.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <exception>
#include <string>
#include <utility>

#include "base/log.h"

namespace systask::tasks {
namespace {

// A shell, since it takes next to no memory and holds nothing of ours. `$groups` is a list of
// numbers, each between two blanks. It ends when the connection does, and not by a signal that
// is meant for all of a service's processes.
constexpr const char* kHelper = R"sh(
trap '' HUP INT QUIT TERM PIPE
groups=
while read -r what group; do
  case $what in
    +) groups="$groups $group " ;;
    -) groups="${groups%%" $group "*}${groups#*" $group "}" ;;
  esac
done
for group in $groups; do
  kill -s KILL -- "-$group" 2>/dev/null
done
)sh";

// 0, or what is wrong.
int spawn_helper(pid_t& helper, int connection) {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawnattr_init(&attributes);
  ::posix_spawn_file_actions_adddup2(&actions, connection, STDIN_FILENO);
  ::posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  ::posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  ::posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
  ::posix_spawn_file_actions_addchdir_np(&actions, "/");
  sigset_t none;
  sigemptyset(&none);
  ::posix_spawnattr_setsigmask(&attributes, &none);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK);
  std::array<std::string, 4> texts{"sh", "-c", kHelper, "systask-group-guard"};
  std::array<char*, 5> arguments{texts[0].data(), texts[1].data(), texts[2].data(), texts[3].data(),
                                 nullptr};
  const int error =
      ::posix_spawn(&helper, "/bin/sh", &actions, &attributes, arguments.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  ::posix_spawnattr_destroy(&attributes);
  return error;
}

}  // namespace

GroupGuard& GroupGuard::of_this_process() {
  static GroupGuard guard;
  return guard;
}

GroupGuard::~GroupGuard() { stop(); }

void GroupGuard::watch(pid_t group) noexcept {
  try {
    const std::scoped_lock lock{mutex_};
    groups_.insert(group);
    if (connection_ >= 0 && say('+', group)) return;
    if (!start())
      log::warn("programs that run when the service is killed will go on: no helper to end them",
                {{"error", std::strerror(errno)}});
  } catch (const std::exception& error) {
    log::warn("a program is not watched", {{"error", error.what()}});
  }
}

void GroupGuard::release(pid_t group) noexcept {
  const std::scoped_lock lock{mutex_};
  groups_.erase(group);
  if (connection_ >= 0) static_cast<void>(say('-', group));
}

// With all groups that there are.
bool GroupGuard::start() {
  stop();
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) return false;
  const int error = spawn_helper(helper_, ends[1]);
  ::close(ends[1]);
  connection_ = ends[0];
  if (error != 0) {
    helper_ = -1;
    stop();
    errno = error;
    return false;
  }
  return std::ranges::all_of(groups_, [this](pid_t group) { return say('+', group); });
}

void GroupGuard::stop() {
  if (connection_ >= 0) ::close(std::exchange(connection_, -1));
  if (helper_ > 0)
    while (::waitpid(helper_, nullptr, 0) < 0 && errno == EINTR) {
    }
  helper_ = -1;
}

// False: the helper is gone.
bool GroupGuard::say(char what, pid_t group) const {
  std::array<char, 32> line{};
  const auto end = fmt::format_to_n(line.data(), line.size(), "{} {}\n", what, group);
  return ::send(connection_, line.data(), end.size, MSG_NOSIGNAL) == static_cast<ssize_t>(end.size);
}

}  // namespace systask::tasks
