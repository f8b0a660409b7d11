#include "peers/drill/child.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <deque>
#include <fstream>
#include <system_error>
#include <utility>

namespace systask::peers::drill {
namespace {

constexpr int kOutputFlags = O_WRONLY | O_CREAT | O_APPEND;

bool redirect(const char* path, int flags, int target) {
  const int file = ::open(path, flags, 0600);
  return file >= 0 && ::dup2(file, target) >= 0 && (file == target || ::close(file) == 0);
}

// Between fork and exec: calls of the kernel only.
[[noreturn]] void become(char* const* arguments, const char* out, const char* err, pid_t parent) {
  ::setpgid(0, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  const bool ready = ::getppid() == parent && redirect("/dev/null", O_RDONLY, STDIN_FILENO) &&
                     redirect(out, kOutputFlags, STDOUT_FILENO) &&
                     redirect(err, kOutputFlags, STDERR_FILENO);
  if (ready) ::execv("/proc/self/exe", arguments);
  ::_exit(127);
}

}  // namespace

// fork, not posix_spawn: only the child itself can ask to die with its parent.
Child::Child(const std::vector<std::string>& arguments, std::string out_path, std::string err_path)
    : err_path_(std::move(err_path)) {
  std::vector<std::string> words{"systask"};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> pointers;
  pointers.reserve(words.size() + 1);
  for (std::string& word : words)
    pointers.push_back(word.data());
  pointers.push_back(nullptr);
  const pid_t parent = ::getpid();
  pid_ = ::fork();
  if (pid_ < 0) throw std::system_error(errno, std::generic_category(), "a process cannot be made");
  if (pid_ == 0) become(pointers.data(), out_path.c_str(), err_path_.c_str(), parent);
}

Child::~Child() { kill_and_reap(); }

void Child::signal(int number) const {
  if (!status_) ::kill(pid_, number);
}

bool Child::running() {
  int wait_status = 0;
  if (!status_ && ::waitpid(pid_, &wait_status, WNOHANG) == pid_) take_status(wait_status);
  return !status_;
}

void Child::kill_and_reap() {
  if (!running()) return;
  signal(SIGKILL);
  int wait_status = 0;
  while (::waitpid(pid_, &wait_status, 0) < 0 && errno == EINTR) {
  }
  take_status(wait_status);
}

void Child::take_status(int wait_status) {
  status_ = WIFSIGNALED(wait_status) ? 128 + WTERMSIG(wait_status) : WEXITSTATUS(wait_status);
}

std::string tail_of(const std::string& path, int lines) {
  std::ifstream file{path};
  std::deque<std::string> last;
  for (std::string line; std::getline(file, line);) {
    last.push_back(std::move(line));
    if (last.size() > static_cast<std::size_t>(lines)) last.pop_front();
  }
  std::string text;
  for (const std::string& line : last)
    text += "  " + line + "\n";
  return text;
}

}  // namespace systask::peers::drill
