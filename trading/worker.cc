#include "trading/worker.h"

#include <algorithm>
#include <exception>
#include <iterator>
#include <stdexcept>

#include "base/log.h"
#include "trading/book.h"
#include "trading/ports/unit_of_work.h"
#include "trading/stores.h"

namespace systask::trading {
namespace {

// The database rolled the transaction back by itself: no command of the batch was kept.
class TransactionLost : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

}  // namespace

void Effects::leave(Outlet& outlet) {
  for (Effect& effect : list_) {
    if (auto* const push = std::get_if<Push>(&effect))
      outlet.push(std::move(*push));
    else if (auto* const publication = std::get_if<Publication>(&effect))
      outlet.publish(std::move(*publication));
    else if (auto* const order = std::get_if<OutRow>(&effect))
      outlet.order(std::move(*order));
    else if (const auto* const lost = std::get_if<LostSession>(&effect))
      lost->replaced_by.empty() ? outlet.session_lost(lost->session)
                                : outlet.session_replaced(lost->session, lost->replaced_by);
    else
      std::get<std::function<void()>>(effect)();
  }
  list_.clear();
  for (std::atomic<std::uint64_t>* const counter : counted_)
    counter->fetch_add(1, std::memory_order_relaxed);
  counted_.clear();
  if (std::exchange(recover_now_, false)) outlet.recover_now();
}

Worker::Worker(const Stores& stores, Book& book, Outlet& outlet, const Clock& clock,
               WorkerLimits limits)
    : stores_(stores), book_(book), outlet_(outlet), clock_(clock), limits_(limits) {}

Worker::~Worker() { stop(); }

bool Worker::post(Command command) {
  {
    const std::scoped_lock lock{mutex_};
    if (stopping_ || queue_.size() >= limits_.queue) return false;
    queue_.push_back(std::move(command));
    if (queue_.size() > 1) return true;  // the worker was woken by the first
  }
  posted_.notify_one();
  return true;
}

std::size_t Worker::depth() const {
  const std::scoped_lock lock{mutex_};
  return queue_.size();
}

WorkerHealth Worker::health() const {
  const MonotonicPoint now = clock_.monotonic();
  const std::scoped_lock lock{mutex_};
  WorkerHealth health{.failure = failure_, .committed = committed_};
  // A batch that has just begun is under way, too.
  if (batch_began_)
    health.busy = std::chrono::duration_cast<Micros>(now - *batch_began_) + Micros{1};
  return health;
}

void Worker::note(bool kept, const std::string& why) {
  const std::scoped_lock lock{mutex_};
  batch_began_.reset();
  if (kept) ++committed_;
  failure_ = why;
}

void Worker::start() {
  thread_ = std::thread{[this] { loop(); }};
}

void Worker::stop() {
  {
    const std::scoped_lock lock{mutex_};
    stopping_ = true;
  }
  posted_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void Worker::loop() {
  while (true) {
    {
      std::unique_lock lock{mutex_};
      posted_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
      if (queue_.empty()) return;  // stopping, and nothing is left
    }
    run_batch();
  }
}

std::size_t Worker::run_batch() {
  Batch batch;
  const MonotonicPoint begun = clock_.monotonic();
  {
    const std::scoped_lock lock{mutex_};
    if (queue_.size() <= limits_.batch_commands) {
      batch.commands.swap(queue_);
    } else {
      const auto end = queue_.begin() + static_cast<std::ptrdiff_t>(limits_.batch_commands);
      std::move(queue_.begin(), end, std::back_inserter(batch.commands));
      queue_.erase(queue_.begin(), end);
    }
    if (!batch.commands.empty()) batch_began_ = begun;
  }
  if (batch.commands.empty()) return 0;

  try {
    if (stale_) book_.load(stores_);
    stale_ = false;
    if (!commit_all(batch)) commit_carefully(batch);
  } catch (const std::exception& error) {
    book_.abandon();
    note(false, error.what());
    give_up(batch.commands, error.what());
    return batch.commands.size();
  }
  note(true, {});
  put_back(batch);
  return batch.done;
}

bool Worker::commit_all(Batch& batch) {
  Effects effects;
  {
    const auto work = stores_.transactions.begin();
    try {
      take_turns(batch, [&](Command& command) {
        if (cut_off(command, effects)) return;
        Turn turn{*work, book_, clock_.now(), effects};
        command.run(turn);
        book_.keep();
      });
      book_.save(stores_, *work);
    } catch (...) {
      // Whose fault it was comes out when each command has a savepoint of its own.
      book_.abandon();
      batch.done = 0;
      return false;
    }
    work->commit();
    book_.commit();
  }
  effects.leave(outlet_);
  return true;
}

void Worker::commit_carefully(Batch& batch) {
  Effects effects;
  {
    const auto work = stores_.transactions.begin();
    take_turns(batch, [&](Command& command) { run_one(*work, command, effects); });
    book_.save(stores_, *work);
    work->commit();
    book_.commit();
  }
  effects.leave(outlet_);
}

void Worker::take_turns(Batch& batch, const std::function<void(Command&)>& run) {
  const MonotonicPoint deadline = clock_.monotonic() + limits_.batch_time;
  while (batch.done < batch.commands.size()) {
    run(batch.commands[batch.done++]);
    if (batch.done % 16 == 0 && clock_.monotonic() >= deadline) break;
  }
}

void Worker::run_one(UnitOfWork& work, Command& command, Effects& effects) {
  if (cut_off(command, effects)) return;
  std::string why;
  if (attempt(work, command.run, effects, why)) return;
  log::error("a command failed and was undone", {{"why", why}});
  if (command.poisoned) {
    std::string again;
    const auto record = [&](Turn& turn) { command.poisoned(turn, why); };
    if (attempt(work, record, effects, again)) return;
    why += "; and recording it failed: " + again;
  }
  if (command.stream) command.stream->break_off();
  if (command.failed) effects.call([failed = command.failed, why] { failed(why); });
}

bool Worker::cut_off(const Command& command, Effects& effects) {
  if (!command.stream || !command.stream->broken()) return false;
  if (command.failed)
    effects.call([failed = command.failed] { failed("one before it was not kept"); });
  return true;
}

bool Worker::attempt(UnitOfWork& work, const std::function<void(Turn&)>& run, Effects& effects,
                     std::string& why) {
  Effects own;
  Turn turn{work, book_, clock_.now(), own};
  try {
    work.savepoint();
    run(turn);
    book_.save(stores_, work);
    work.keep();
    book_.keep();
    effects.append(std::move(own));
    return true;
  } catch (const std::exception& error) {
    why = error.what();
  } catch (...) {
    why = "something that is no std::exception was thrown";
  }
  book_.drop();
  if (work.lost()) throw TransactionLost{"the database lost the transaction: " + why};
  work.undo();
  return false;
}

void Worker::give_up(std::deque<Command>& commands, const std::string& why) {
  log::error("a batch was lost as a whole; the state is loaded again",
             {{"commands", commands.size()}, {"why", why}});
  stale_ = true;
  for (const Command& command : commands)
    if (command.stream) command.stream->break_off();
  for (const Command& command : commands)
    if (command.failed) command.failed(why);
}

void Worker::put_back(Batch& batch) {
  if (batch.done == batch.commands.size()) return;
  const std::scoped_lock lock{mutex_};
  for (std::size_t next = batch.commands.size(); next > batch.done; --next)
    queue_.push_front(std::move(batch.commands[next - 1]));
}

}  // namespace systask::trading
