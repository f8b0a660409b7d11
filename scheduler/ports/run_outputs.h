// RunOutputs keeps what the attempts of runs printed: the output of a program, the first rows of a
// statement, the beginning of an answer. It is written before the outcome of its attempt, and only
// where there is any.
//
// Calls may come from any thread; durable when they return, and one that throws has changed
// nothing. Two implementations pass one suite: memory and SQL.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "scheduler/run.h"

namespace systask::scheduler {

struct RunOutput {
  RunId run;
  int attempt = 1;
  Printed printed;

  friend bool operator==(const RunOutput&, const RunOutput&) = default;
};

class RunOutputs {
 public:
  virtual ~RunOutputs() = default;

  // In place of what is kept of that attempt. (A crash forgets a run by event, and its id, after
  // its output was kept.)
  virtual void add(std::span<const RunOutput> outputs) = 0;
  // Of one run, in order of attempts.
  virtual std::vector<RunOutput> of(RunId run) = 0;
  // Drops the outputs of runs with lower ids; at most `limit`, and answers how many.
  virtual std::size_t prune(RunId before, std::size_t limit) = 0;
  // The outputs of runs from this id on take at most so many bytes; 0 where all of them do.
  virtual RunId first_within(std::uint64_t bytes) = 0;
};

}  // namespace systask::scheduler
