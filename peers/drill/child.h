// A Child is one process of the drill: its own process group, its output in a file, and
// killed by the kernel when the drill dies, so that none survives it. The destructor
// kills and reaps. Start children from the thread that lives as long as the drill.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

namespace systask::peers::drill {

class Child {
 public:
  // Runs this very program again with the arguments; standard output and standard error
  // are appended to the two files. Throws std::system_error where it cannot.
  Child(const std::vector<std::string>& arguments, std::string out_path, std::string err_path);
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  void signal(int number) const;
  // Looks without waiting.
  [[nodiscard]] bool running();
  // The exit status, 128 + the signal where one ended it; nothing while it runs.
  [[nodiscard]] std::optional<int> status() const { return status_; }
  [[nodiscard]] const std::string& err_path() const { return err_path_; }
  // Kills it and waits for its end.
  void kill_and_reap();

 private:
  void take_status(int wait_status);

  pid_t pid_ = -1;
  std::string err_path_;
  std::optional<int> status_;
};

// The last lines of a file, for a person to read.
[[nodiscard]] std::string tail_of(const std::string& path, int lines);

}  // namespace systask::peers::drill
