// Crash points: the named moments just before and just after each kind of commit, send and
// write of the service, at which a test may end it as kill -9 does. The table of kinds is the
// list of points: KIND.before and KIND.after.
//
// pass() may be called from any thread and, in a process that is no `systask serve`, does
// nothing. What is asked for comes in the environment:
//   SYSTASK_CRASH_AT      "commit.claim.after:1,send.acked.before:3": where the first process of
//                         the service ends, where the one after it does, and so on; the number
//                         is the passing, counted by each process
//   SYSTASK_CRASH_LOG     a file that gets a line for each end, and says how many there were
//   SYSTASK_CRASH_COUNTS  a file of 64-bit counts, one a point: how often each was passed
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace systask::faults {

enum class Group { kCommit, kSend, kFile };
enum class Moment { kBefore, kAfter };

struct Kind {
  Group group;
  std::string_view name;
  // Of a commit: a part of a sentence in its transaction. Of a send: how its frame begins,
  // or, after a '*', what it contains. Of a file: the end of its name, and what is done to it.
  std::string_view sign;
  std::string_view act = {};
};

inline constexpr std::size_t kNoKind = static_cast<std::size_t>(-1);

[[nodiscard]] std::size_t kinds();
[[nodiscard]] const Kind& kind(std::size_t index);
// "commit.claim.after"
[[nodiscard]] std::string name_of(std::size_t kind, Moment moment);

// Is this the service, whose faults these are?
[[nodiscard]] bool in_service();
void pass(std::size_t kind, Moment moment);
// Ends the process at once, and with it what no fsync has made safe (files.h).
[[noreturn]] void die();

}  // namespace systask::faults
