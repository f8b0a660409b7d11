// A Turn is what a command of the worker is given: the transaction it takes part in, the
// book, the time, and a place to put what must leave once the batch is committed.
// It lives for one command, on the worker's thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "trading/ports/outlet.h"

namespace systask::trading {

class Book;
class UnitOfWork;

// What leaves after the commit, in the order in which it was put.
class Effects {
 public:
  void push(Push push) { list_.emplace_back(std::move(push)); }
  void publish(Publication publication) { list_.emplace_back(std::move(publication)); }
  void call(std::function<void()> function) { list_.emplace_back(std::move(function)); }
  // `replaced_by`: the address of the login that took its place, where that is why.
  void session_lost(SessionId session, std::string replaced_by = {}) {
    list_.emplace_back(LostSession{session, std::move(replaced_by)});
  }
  void order(OutRow row) { list_.emplace_back(std::move(row)); }
  void recover_now() { recover_now_ = true; }
  // One more of what is counted for people, when the batch is committed and not before: a
  // batch may run twice. The counter must outlive the worker.
  void count(std::atomic<std::uint64_t>& counter) { counted_.push_back(&counter); }

  // Takes what another command put, behind what is here.
  void append(Effects&& other) {
    for (Effect& effect : other.list_)
      list_.push_back(std::move(effect));
    counted_.insert(counted_.end(), other.counted_.begin(), other.counted_.end());
    recover_now_ |= other.recover_now_;
    other = Effects{};
  }

  // Hands everything to the outlet and is empty after it.
  void leave(Outlet& outlet);

 private:
  struct LostSession {
    SessionId session;
    std::string replaced_by;
  };
  using Effect = std::variant<Push, Publication, OutRow, LostSession, std::function<void()>>;

  std::vector<Effect> list_;
  std::vector<std::atomic<std::uint64_t>*> counted_;
  bool recover_now_ = false;
};

struct Turn {
  UnitOfWork& work;
  Book& book;
  TimePoint now;
  Effects& effects;
};

}  // namespace systask::trading
