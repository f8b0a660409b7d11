// For tests of what wakes a thread: a wake-up proves nothing before the thread sleeps.
//
// The thread under test says who it is (this_thread()), and the test waits with falls_asleep()
// until the kernel says that it sleeps and has not run in the meantime. Gives up after some ten
// seconds, and then answers false. Linux only.
#pragma once

#include <unistd.h>

#include <fstream>
#include <string>
#include <thread>

namespace systask {

[[nodiscard]] inline pid_t this_thread() { return ::gettid(); }

// "S 17": the thread's state, and how often it has given up the processor by itself.
[[nodiscard]] inline std::string rest_of(pid_t thread) {
  std::ifstream status{"/proc/self/task/" + std::to_string(thread) + "/status"};
  std::string line;
  std::string rest;
  while (std::getline(status, line)) {
    if (line.starts_with("State:")) rest = line.substr(7, 1);
    if (line.starts_with("voluntary_ctxt_switches:")) rest += line.substr(24);
  }
  return rest;
}

[[nodiscard]] inline bool falls_asleep(pid_t thread) {
  constexpr int kLooks = 1'000'000;
  constexpr int kInARow = 20;
  std::string before;
  for (int looks = 0, same = 0; looks < kLooks; ++looks) {
    const std::string now = rest_of(thread);
    if (now.empty()) return false;  // it has ended
    same = now.starts_with('S') && now == before ? same + 1 : 0;
    if (same == kInARow) return true;
    before = now;
    std::this_thread::yield();
  }
  return false;
}

// The thread has ended.
[[nodiscard]] inline bool goes_away(pid_t thread) {
  constexpr int kLooks = 200'000;
  for (int looks = 0; looks < kLooks; ++looks) {
    if (rest_of(thread).empty()) return true;
    std::this_thread::yield();
  }
  return false;
}

}  // namespace systask
