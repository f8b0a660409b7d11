#include "trading/publishing.h"

#include <algorithm>

#include "trading/book.h"
#include "trading/ports/outbox.h"
#include "trading/stores.h"

namespace systask::trading {
namespace {

// What was answered before a batch began is dropped when the batch is committed.
template <class T>
void drop_first(std::vector<T>& list, std::size_t count) {
  list.erase(list.begin(), list.begin() + static_cast<std::ptrdiff_t>(count));
}

}  // namespace

void Publishing::keep(Turn& turn, Publication publication) {
  publication.kept = OutNo{turn.book.new_out_no()};
  add(turn, publication, 0, "");
  send(turn, std::move(publication));
}

void Publishing::send(Turn& turn, Publication publication) {
  turn.effects.call([this, no = publication.kept] {
    said_.with([&](Said& said) { said.under_way.insert(no); });
  });
  turn.effects.publish(std::move(publication));
}

void Publishing::add(Turn& turn, Publication publication, int attempts, const std::string& error) {
  OutRow row;
  row.no = publication.kept;
  row.kind = OutKind::kPublication;
  row.topic = std::move(publication.topic);
  row.plan = publication.plan;
  row.line = publication.line;
  row.body = std::move(publication.body);
  row.created_at = turn.now;
  row.attempts = attempts;
  row.last_error = error;
  stores_.outbox.add(turn.work, row, std::nullopt);
}

void Publishing::made(OutNo kept) {
  said_.with([&](Said& said) { said.made.push_back(kept); });
  ask();
}

void Publishing::failed(Publication publication, const std::string& error) {
  said_.with([&](Said& said) {
    said.under_way.erase(publication.kept);
    said.failures.emplace_back(std::move(publication), error);
  });
  ask();
}

void Publishing::ask() {
  const bool now = said_.with([](Said& said) {
    const bool anything = !said.made.empty() || !said.failures.empty();
    return anything && !std::exchange(said.asked, true);
  });
  if (now) ask_();
}

void Publishing::settle(Turn& turn) {
  std::vector<OutNo> made;
  std::vector<Failure> failures;
  said_.with([&](const Said& said) {
    made = said.made;
    failures = said.failures;
  });
  if (!made.empty()) stores_.outbox.remove(turn.work, made);
  for (auto& [publication, error] : failures) {
    if (publication.kept != OutNo{}) {
      stores_.outbox.failed_again(turn.work, publication.kept, error);
      continue;
    }
    publication.kept = OutNo{turn.book.new_out_no()};
    add(turn, std::move(publication), 1, error);
  }
  turn.effects.call([this, made, failures = failures.size()] {
    said_.with([&](Said& said) {
      said.asked = false;
      drop_first(said.made, made.size());
      drop_first(said.failures, failures);
      for (const OutNo no : made)
        said.under_way.erase(no);
    });
    ask();  // for what was said meanwhile
  });
}

void Publishing::settle_later() {
  said_.with([](Said& said) { said.asked = false; });
}

std::size_t Publishing::retry(Turn& turn, std::size_t limit) {
  turn.effects.call([this] { ask(); });  // where it failed before
  const auto on_its_way = said_.with([](const Said& said) { return said.under_way; });
  std::size_t sent = 0;
  OutNo after;
  while (sent < limit) {
    auto rows = stores_.outbox.pending(turn.work, OutKind::kPublication, after, limit);
    if (rows.empty()) break;
    after = rows.back().no;
    for (OutRow& row : rows) {
      if (sent == limit || on_its_way.contains(row.no)) continue;
      send(turn, {std::move(row.topic), row.plan, row.line, std::move(row.body), row.no});
      ++sent;
    }
  }
  return sent;
}

}  // namespace systask::trading
