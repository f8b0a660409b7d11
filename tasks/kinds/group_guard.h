// GroupGuard sees to it that programs do not outlive this process, however it ends: also by
// kill -9, when nothing of ours runs any more. A small helper process waits for the end of a
// connection that only we hold, and then sends SIGKILL to the groups that were being watched.
//
// One for the process, since it is the process's end that counts; the helper is started with
// the first group. Any thread. A helper that somebody killed is replaced with the next group,
// and told of all. What is lost: a program that was started in the microseconds before we died
// and that the helper had not been told of.
#pragma once

#include <sys/types.h>

#include <mutex>
#include <set>

namespace systask::tasks {

class GroupGuard {
 public:
  static GroupGuard& of_this_process();

  GroupGuard() = default;
  ~GroupGuard();
  GroupGuard(const GroupGuard&) = delete;
  GroupGuard& operator=(const GroupGuard&) = delete;

  // Neither throws: without a helper, which is logged, programs run all the same.
  void watch(pid_t group) noexcept;
  // While the group's leader has not been reaped, so that its number is nobody else's.
  void release(pid_t group) noexcept;

 private:
  bool start();
  void stop();
  [[nodiscard]] bool say(char what, pid_t group) const;

  std::mutex mutex_;
  std::set<pid_t> groups_;
  int connection_ = -1;
  pid_t helper_ = -1;
};

}  // namespace systask::tasks
