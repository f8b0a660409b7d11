// The Worker owns the plans: everything that changes one is a command to it, run in the
// order of post(), on one thread. It takes what is queued, bounded in count and in time,
// runs it in one transaction, commits, and only then lets what the commands produced leave.
//
// A batch is tried without savepoints, which cost more than most commands. Should one of
// its commands throw, all of it is rolled back and run again with a savepoint per command:
// the one that throws is undone, its `poisoned` runs in its place, and the batch goes on.
// So a command must be able to run twice: what it changes is in the turn, and nowhere else.
//
// post() may be called from any thread and never waits. When the database loses the whole
// transaction every command of the batch `failed`, and the book is loaded again
// before the next one; what is queued behind it runs, but not what is of a stream of which a
// command failed. stop() finishes what was posted, may be called twice.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "trading/stream.h"
#include "trading/turn.h"
#include "trading/worker_health.h"

namespace systask::trading {

class Book;
class Outlet;
struct Stores;

struct Command {
  std::function<void(Turn&)> run;
  // Records the command's failure (a message goes to quarantine). Optional.
  std::function<void(Turn&, const std::string& why)> poisoned;
  // Nothing of the command was kept. Called on the worker's thread, outside transactions.
  std::function<void(const std::string& why)> failed;
  // It is failed without being run once another of its stream was. Optional.
  std::shared_ptr<Stream> stream = nullptr;
};

struct WorkerLimits {
  std::size_t batch_commands = 512;
  std::chrono::microseconds batch_time{8'000};
  std::size_t queue = 262'144;
};

class Worker {
 public:
  Worker(const Stores& stores, Book& book, Outlet& outlet, const Clock& clock,
         WorkerLimits limits = {});
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  // False, and the command is dropped, when the queue is full or the worker was stopped.
  [[nodiscard]] bool post(Command command);

  // A thread of its own. Without it, whoever calls run_batch() is the worker.
  void start();
  void stop();

  // Runs one batch of what is queued; the number of commands it took.
  std::size_t run_batch();

  [[nodiscard]] std::size_t depth() const;
  // Whether what is asked becomes durable. Any thread.
  [[nodiscard]] WorkerHealth health() const;

 private:
  // Commands of one transaction; those from `done` on have not had their turn.
  struct Batch {
    std::deque<Command> commands;
    std::size_t done = 0;
  };

  bool commit_all(Batch& batch);
  void commit_carefully(Batch& batch);
  void take_turns(Batch& batch, const std::function<void(Command&)>& run);
  void run_one(UnitOfWork& work, Command& command, Effects& effects);
  bool attempt(UnitOfWork& work, const std::function<void(Turn&)>& run, Effects& effects,
               std::string& why);
  static bool cut_off(const Command& command, Effects& effects);
  void give_up(std::deque<Command>& commands, const std::string& why);
  void put_back(Batch& batch);
  void note(bool kept, const std::string& why);
  void loop();

  const Stores& stores_;
  Book& book_;
  Outlet& outlet_;
  const Clock& clock_;
  const WorkerLimits limits_;

  mutable std::mutex mutex_;
  std::condition_variable posted_;
  std::deque<Command> queue_;
  bool stopping_ = false;
  std::string failure_;                        // of the latest batch; empty: it was kept
  std::uint64_t committed_ = 0;                // batches
  std::optional<MonotonicPoint> batch_began_;  // the one under way
  bool stale_ = false;  // the book may not be what the database holds; the worker's own
  std::thread thread_;
};

}  // namespace systask::trading
