// One program, run to its end in a session and process group of its own.
//
// run_child() may be called from any thread, and waits: for the end of the program, a stop,
// or its time, never for who else holds its output. Its standard input is `input`, its
// output and errors come through one pipe that is read to the end, whatever of it is kept.
// Of our own descriptors and signal masks it inherits none.
//
// A stop sends SIGTERM to the whole group, and after `grace` SIGKILL. When the program has
// ended, whatever it left in its group is killed; a process that has left the group (a
// daemon) is let go. No zombie and no descriptor stays behind. When this process dies, however
// it does, the groups of its programs are killed (group_guard.h). Linux 5.3 or later.
#pragma once

#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.h"
#include "tasks/kinds/excerpt.h"

namespace systask::tasks {

struct ChildSpec {
  std::vector<std::string> arguments;    // the program first: a path, or looked for in PATH
  std::vector<std::string> environment;  // "NAME=value", over those that are passed on
  // The service's variables that are passed on besides the usual ones (PATH, HOME, USER, LOGNAME,
  // SHELL, LANG, LANGUAGE, LC_*, TZ, TMPDIR); "*" is all of them.
  std::vector<std::string> passed_on = {};
  std::string directory;                              // empty: the one of the service
  std::string input;                                  // all that it can read
  std::size_t output_bytes = std::size_t{64} * 1024;  // kept of its output
  Micros grace{0};                                    // 0: SIGKILL at once
  Micros longest{0};                                  // then it is stopped; 0: never
};

struct ChildEnd {
  int exit_status = 0;
  int signal = 0;            // that ended it, or 0
  bool stopped = false;      // it was asked to, and then ended
  bool out_of_time = false;  // because of `longest`
  bool killed = false;       // it did not end within its grace
  bool left_behind = false;  // processes of its own outlived it
  Excerpt output{0};
};

// Throws std::runtime_error, with what to do, where the program cannot be started.
[[nodiscard]] ChildEnd run_child(const ChildSpec& spec, const std::stop_token& stop);

// "exit status 3", or "killed by SIGSEGV (Segmentation fault)".
[[nodiscard]] std::string how_it_ended(const ChildEnd& end);

}  // namespace systask::tasks
