#include "tasks/kinds/child.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "tasks/kinds/group_guard.h"

namespace systask::tasks {
namespace {

[[noreturn]] void cannot(const std::string& what, int error) {
  throw std::runtime_error(fmt::format("{}: {}", what, std::strerror(error)));
}

class Descriptor {
 public:
  explicit Descriptor(int number, const char* what) : number_(number) {
    if (number < 0) cannot(fmt::format("no {} can be had for a program", what), errno);
  }
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&&) = delete;
  ~Descriptor() { close(); }

  [[nodiscard]] int number() const { return number_; }
  void close() {
    if (number_ >= 0) ::close(std::exchange(number_, -1));
  }

 private:
  int number_;
};

struct Pipe {
  Pipe() : Pipe(open()) {}
  Descriptor read;
  Descriptor write;

 private:
  static std::array<int, 2> open() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) cannot("no pipe can be had for a program", errno);
    return ends;
  }
  explicit Pipe(std::array<int, 2> ends) : read(ends[0], "pipe"), write(ends[1], "pipe") {
    ::fcntl(ends[0], F_SETFL, O_NONBLOCK);
  }
};

// What the program reads: a file in memory, so that nobody has to feed it meanwhile.
Descriptor input_of(const std::string& text) {
  if (text.empty()) return Descriptor{::open("/dev/null", O_RDONLY | O_CLOEXEC), "input"};
  Descriptor file{::memfd_create("systask-input", MFD_CLOEXEC), "input"};
  for (std::size_t done = 0; done < text.size();) {
    const ssize_t count = ::write(file.number(), text.data() + done, text.size() - done);
    if (count < 0) cannot("no input can be kept for a program", errno);
    done += static_cast<std::size_t>(count);
  }
  ::lseek(file.number(), 0, SEEK_SET);
  return file;
}

// Our own business with systemd is none of a program's.
bool is_ours(std::string_view variable) {
  constexpr std::array<std::string_view, 6> kOurs{
      "NOTIFY_SOCKET=", "WATCHDOG_PID=", "WATCHDOG_USEC=",
      "LISTEN_PID=",    "LISTEN_FDS=",   "LISTEN_FDNAMES="};
  for (const std::string_view ours : kOurs)
    if (variable.starts_with(ours)) return true;
  return false;
}

// Whether a variable of the service reaches a program: secrets in the others are none of its
// business.
bool is_passed_on(std::string_view variable, const std::vector<std::string>& more) {
  constexpr std::array<std::string_view, 10> kUsual{"PATH", "HOME",     "USER", "LOGNAME", "SHELL",
                                                    "LANG", "LANGUAGE", "TZ",   "TMPDIR",  "TERM"};
  const std::string_view name = variable.substr(0, variable.find('='));
  return std::ranges::find(kUsual, name) != kUsual.end() || name.starts_with("LC_") ||
         std::ranges::any_of(more, [&](const auto& one) { return one == "*" || one == name; });
}

// The service's variables that are passed on and the given ones over them, ready for exec. Refers
// to `spec`.
std::vector<char*> variables(const ChildSpec& spec) {
  std::vector<char*> all;
  const auto replaced = [&](std::string_view variable) {
    const std::string_view name = variable.substr(0, variable.find('=') + 1);
    for (const std::string& other : spec.environment)
      if (std::string_view{other}.starts_with(name)) return true;
    return false;
  };
  for (char** variable = environ; *variable != nullptr; ++variable)
    if (!is_ours(*variable) && is_passed_on(*variable, spec.passed_on) && !replaced(*variable))
      all.push_back(*variable);
  for (const std::string& variable : spec.environment)
    all.push_back(const_cast<char*>(variable.c_str()));  // NOLINT: exec's old signature
  all.push_back(nullptr);
  return all;
}

// What is done between fork and exec; posix_spawn does it without running our code there,
// which is safe whatever our other threads hold.
class SpawnPlan {
 public:
  SpawnPlan(const std::string& directory, int input, int output) {
    ::posix_spawn_file_actions_init(&actions_);
    ::posix_spawnattr_init(&attributes_);
    if (!directory.empty()) ::posix_spawn_file_actions_addchdir_np(&actions_, directory.c_str());
    ::posix_spawn_file_actions_adddup2(&actions_, input, STDIN_FILENO);
    ::posix_spawn_file_actions_adddup2(&actions_, output, STDOUT_FILENO);
    ::posix_spawn_file_actions_adddup2(&actions_, output, STDERR_FILENO);
    ::posix_spawn_file_actions_addclosefrom_np(&actions_, STDERR_FILENO + 1);
    sigset_t signals;
    sigemptyset(&signals);
    ::posix_spawnattr_setsigmask(&attributes_, &signals);
    sigfillset(&signals);
    ::posix_spawnattr_setsigdefault(&attributes_, &signals);
    ::posix_spawnattr_setflags(&attributes_,
                               POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  }
  SpawnPlan(const SpawnPlan&) = delete;
  SpawnPlan& operator=(const SpawnPlan&) = delete;
  ~SpawnPlan() {
    ::posix_spawn_file_actions_destroy(&actions_);
    ::posix_spawnattr_destroy(&attributes_);
  }

  // 0, or what is wrong.
  int spawn(pid_t& child, const ChildSpec& spec) const {
    std::vector<char*> arguments;
    for (const std::string& argument : spec.arguments)
      arguments.push_back(const_cast<char*>(argument.c_str()));  // NOLINT: as above
    arguments.push_back(nullptr);
    std::vector<char*> environment = variables(spec);
    return ::posix_spawnp(&child, arguments[0], &actions_, &attributes_, arguments.data(),
                          environment.data());
  }

 private:
  posix_spawn_file_actions_t actions_{};
  posix_spawnattr_t attributes_{};
};

pid_t spawn(const ChildSpec& spec, int output) {
  if (!spec.directory.empty() && !std::filesystem::is_directory(spec.directory))
    throw std::runtime_error(
        fmt::format("{} was not started: its directory {} does not exist; make it, or name another",
                    spec.arguments.at(0), spec.directory));
  pid_t child = -1;
  const Descriptor input = input_of(spec.input);
  const int error = SpawnPlan{spec.directory, input.number(), output}.spawn(child, spec);
  if (error != 0)
    throw std::runtime_error(fmt::format("{} was not started: {}; check its path and its rights",
                                         spec.arguments.at(0), std::strerror(error)));
  return child;
}

// The header that declares pidfd_open() cannot be linked from C++ in this libc.
int process_descriptor(pid_t process) {
  return static_cast<int>(::syscall(SYS_pidfd_open, process, 0));
}

// A started program: never left behind, neither running nor as a zombie.
class Child {
 public:
  explicit Child(pid_t number) : number_(number) { GroupGuard::of_this_process().watch(number); }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() {
    if (number_ > 0) static_cast<void>(reap());
  }

  [[nodiscard]] pid_t number() const { return number_; }
  // While it is not reaped, its number is the group's and nobody else's.
  void signal_group(int signal) const { ::kill(-number_, signal); }
  // Kills what is left of the group, waits for the program's end, and answers its status.
  int reap() {
    const pid_t number = std::exchange(number_, -1);
    ::kill(-number, SIGKILL);
    GroupGuard::of_this_process().release(number);
    int status = 0;
    while (::waitpid(number, &status, 0) < 0 && errno == EINTR) {
    }
    return status;
  }

 private:
  pid_t number_;
};

// Waits for the first of: output, the end, a stop, a timer.
class Watch {
 public:
  Watch(const ChildSpec& spec, const std::stop_token& stop)
      : spec_(spec),
        stop_wakes_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), "event"),
        timer_(::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK), "timer"),
        child_(spawn(spec, pipe_.write.number())),
        process_(process_descriptor(child_.number()), "process descriptor (Linux 5.3 or later)"),
        on_stop_(stop, Wake{stop_wakes_.number()}) {
    pipe_.write.close();
    end_.output = Excerpt{spec.output_bytes};
    if (spec.longest > Micros{0}) arm(spec.longest);
  }

  ChildEnd run() {
    while (!look()) {
    }
    finish();
    return std::move(end_);
  }

 private:
  struct Wake {
    int event;
    void operator()() const { ::eventfd_write(event, 1); }
  };

  // True when the program has ended.
  bool look() {
    std::array<pollfd, 4> all{pollfd{output_open_ ? pipe_.read.number() : -1, POLLIN, 0},
                              pollfd{process_.number(), POLLIN, 0},
                              pollfd{end_.stopped ? -1 : stop_wakes_.number(), POLLIN, 0},
                              pollfd{timer_.number(), POLLIN, 0}};
    if (::poll(all.data(), all.size(), -1) < 0) return false;  // a signal; look again
    if (all[0].revents != 0) static_cast<void>(read_some());
    if (all[2].revents != 0) ask_to_stop();
    if (all[3].revents != 0) on_timer();
    return all[1].revents != 0;
  }

  // False where there is nothing to read now.
  bool read_some() {
    const ssize_t count = ::read(pipe_.read.number(), buffer_.data(), buffer_.size());
    if (count > 0) end_.output.add({buffer_.data(), static_cast<std::size_t>(count)});
    if (count == 0) output_open_ = false;
    return count > 0;
  }

  // A program that another thread starts right now holds all our pipes until its exec: that is
  // no process which was left behind.
  void wait_for_close() {
    pollfd one{pipe_.read.number(), POLLIN, 0};
    if (::poll(&one, 1, kStartingMs) > 0) static_cast<void>(read_some());
  }

  void ask_to_stop() {
    end_.stopped = true;
    if (spec_.grace <= Micros{0}) return kill();
    child_.signal_group(SIGTERM);
    arm(spec_.grace);
  }

  void on_timer() {
    std::uint64_t times = 0;
    static_cast<void>(::read(timer_.number(), &times, sizeof times));
    if (end_.stopped) return kill();
    end_.out_of_time = true;
    ask_to_stop();
  }

  void kill() {
    end_.killed = true;
    child_.signal_group(SIGKILL);
  }

  void arm(Micros delay) const {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(delay);
    itimerspec when{};
    when.it_value.tv_sec = seconds.count();
    when.it_value.tv_nsec = std::chrono::nanoseconds{delay - seconds}.count();
    ::timerfd_settime(timer_.number(), 0, &when, nullptr);
  }

  // What is in the pipe already is part of the output; what others still write is not.
  void finish() {
    for (std::size_t left = kLastReads; left > 0 && output_open_ && read_some(); --left) {
    }
    if (output_open_) wait_for_close();
    const pid_t group = child_.number();
    const int status = child_.reap();
    end_.left_behind = output_open_ || ::kill(-group, 0) == 0;
    if (WIFEXITED(status)) end_.exit_status = WEXITSTATUS(status);
    if (WIFSIGNALED(status)) end_.signal = WTERMSIG(status);
  }

  static constexpr std::size_t kLastReads = 64;
  static constexpr int kStartingMs = 200;

  const ChildSpec& spec_;
  Pipe pipe_;
  Descriptor stop_wakes_;
  Descriptor timer_;
  Child child_;
  Descriptor process_;
  std::stop_callback<Wake> on_stop_;
  std::array<char, std::size_t{16} * 1024> buffer_{};
  bool output_open_ = true;
  ChildEnd end_;
};

}  // namespace

ChildEnd run_child(const ChildSpec& spec, const std::stop_token& stop) {
  return Watch{spec, stop}.run();
}

std::string how_it_ended(const ChildEnd& end) {
  if (end.signal == 0) return fmt::format("exit status {}", end.exit_status);
  const char* const name = ::sigabbrev_np(end.signal);
  const char* const meaning = ::sigdescr_np(end.signal);
  return fmt::format("ended by SIG{} ({})", name == nullptr ? "?" : name,
                     meaning == nullptr ? "unknown" : meaning);
}

}  // namespace systask::tasks
