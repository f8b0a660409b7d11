// The Worker owns the plans: everything that changes one is a command to it, run in the
// order of post(), on one thread. It takes what is queued, bounded in count and in time,
// runs it in one transaction with a savepoint per command, commits, and only then lets
// what the commands produced leave.
//
// post() may be called from any thread and never waits. A command that throws is undone
// to its savepoint; its `poisoned` runs in its place, in the same batch, and the batch goes
// on. When the database loses the whole transaction every command of the batch `failed`,
// and the book is loaded again. stop() finishes what was posted, may be called twice.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "trading/turn.h"

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

 private:
  std::size_t run_commands(UnitOfWork& work, std::deque<Command>& batch, Effects& effects,
                           std::deque<Command>& done);
  void run_one(UnitOfWork& work, Command& command, Effects& effects);
  bool attempt(UnitOfWork& work, const std::function<void(Turn&)>& run, Effects& effects,
               std::string& why);
  void give_up(std::deque<Command>& commands, const std::string& why);
  void put_back(std::deque<Command>& rest);
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
  std::thread thread_;
};

}  // namespace systask::trading
