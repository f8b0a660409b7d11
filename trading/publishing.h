// Publishing sees to it that what is published reaches the message centre at least once: what
// nobody sends again has its row in the outbox, in the commit that makes it, until the centre
// has it; and what the centre did not take gets one.
//
// keep(), settle() and retry() belong to the worker's thread; made() and failed() may come from
// any, also from within a batch's effects. What they say is written together, by one command at
// a time that calls settle(): `ask` posts it, and settle_later() is called where it failed.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "base/guarded.h"
#include "trading/ports/outlet.h"
#include "trading/turn.h"

namespace systask::trading {

struct Stores;

class Publishing {
 public:
  Publishing(const Stores& stores, std::function<void()> ask)
      : stores_(stores), ask_(std::move(ask)) {}

  // Published behind the commit, and again after a crash in between.
  void keep(Turn& turn, Publication publication);

  // What the centre said.
  void made(OutNo kept);
  void failed(Publication publication, const std::string& error);

  void settle(Turn& turn);
  void settle_later();

  // Publishes again, at most `limit`, what is in the outbox and not on its way; how many.
  std::size_t retry(Turn& turn, std::size_t limit);

 private:
  using Failure = std::pair<Publication, std::string>;
  struct Said {
    std::unordered_set<OutNo> under_way;  // published by this process, and not yet answered
    std::vector<OutNo> made;
    std::vector<Failure> failures;
    bool asked = false;  // for settle(), until that is committed
  };

  void send(Turn& turn, Publication publication);
  void ask();
  void add(Turn& turn, Publication publication, int attempts, const std::string& error);

  const Stores& stores_;
  const std::function<void()> ask_;
  Guarded<Said> said_;
};

}  // namespace systask::trading
