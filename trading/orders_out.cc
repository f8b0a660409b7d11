#include "trading/orders_out.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "base/log.h"
#include "trading/book.h"
#include "trading/ports/outbox.h"
#include "trading/stores.h"

namespace systask::trading {
namespace {

constexpr std::size_t kPendingAtATime = 500;

}  // namespace

OrdersOut::Link* OrdersOut::State::find(OrderLinkId id) {
  const auto found = std::ranges::find(links, id, &Link::id);
  return found == links.end() ? nullptr : &*found;
}

// The last login of those that are not the receiver, and have not been silent.
const OrdersOut::Link* OrdersOut::State::heir() const {
  const auto fit = [this](const Link& link) {
    return link.served && !link.silent && link.id != receiver;
  };
  const auto found = std::find_if(links.rbegin(), links.rend(), fit);
  return found == links.rend() ? nullptr : &*found;
}

void OrdersOut::load(Turn& turn) {
  std::deque<Waiting> waiting;
  const MonotonicPoint now = parts_.awake();
  for (const OutRow& row : unacknowledged(turn))
    waiting.push_back({row.no, now - std::max(turn.now - row.created_at, Micros{0})});
  turn.effects.call([this, waiting = std::move(waiting)] {
    state_.with([&](State& state) { state.waiting = waiting; });
  });
}

OrderLinkId OrdersOut::log_in(std::string name, std::function<void()> bind) {
  return state_.with([&](State& state) {
    state.last_link = next_of(state.last_link);
    Link& link = state.links.emplace_back();
    link.id = state.last_link;
    link.name = std::move(name);
    link.bind = std::move(bind);
    return link.id;
  });
}

void OrdersOut::log_out(OrderLinkId link) {
  const bool vacant = state_.with([&](State& state) {
    std::erase_if(state.links, [link](const Link& one) { return one.id == link; });
    if (state.receiver != link) return false;
    state.receiver = OrderLinkId{};
    return true;
  });
  if (vacant) parts_.appoint_soon();
}

void OrdersOut::serve(Turn& turn, OrderLinkId link, const std::function<void()>& ready) {
  turn.effects.call(ready);
  hand_over(turn, [link](State& state) {
    Link* const served = state.find(link);
    if (served == nullptr) return OrderLinkId{};  // it is closed already
    served->served = true;
    return link;
  });
}

void OrdersOut::appoint(Turn& turn) {
  const bool vacant = state_.with(
      [](const State& state) { return state.receiver == OrderLinkId{} && !state.links.empty(); });
  if (!vacant) return;
  hand_over(turn, [](State& state) {
    if (state.receiver != OrderLinkId{}) return OrderLinkId{};
    const Link* heir = state.heir();
    if (heir == nullptr) {  // better one that was silent than none
      for (Link& link : state.links)
        link.silent = false;
      heir = state.heir();
    }
    return heir == nullptr ? OrderLinkId{} : heir->id;
  });
}

void OrdersOut::look(Turn& turn) {
  const bool another =
      state_.with([this](State& state) { return is_overdue(state) && state.heir() != nullptr; });
  if (!another) return appoint(turn);
  hand_over(turn, [this](State& state) {
    const Link* const heir = state.heir();
    if (!is_overdue(state) || heir == nullptr) return OrderLinkId{};
    Link& silent = *state.find(state.receiver);
    silent.silent = true;
    log::error("an order system acknowledges nothing: its orders go to another",
               {{"silent", silent.name},
                {"to", heir->name},
                {"orders", state.waiting.size()},
                {"patience_ms", parts_.patience.count()}});
    return heir->id;
  });
}

bool OrdersOut::is_overdue(State& state) const {
  const Link* const receiver = state.find(state.receiver);
  if (receiver == nullptr || state.waiting.empty()) return false;
  return parts_.awake() - std::max(state.waiting.front().since, receiver->sign) > parts_.patience;
}

void OrdersOut::hand_over(Turn& turn, std::function<OrderLinkId(State&)> choose) {
  turn.effects.call([this, choose = std::move(choose), last = turn.book.last_out_no(),
                     rows = unacknowledged(turn)] {
    const auto bind = state_.with([&](State& state) -> std::function<void()> {
      Link* const chosen = state.find(choose(state));
      if (chosen == nullptr) return nullptr;
      state.receiver = chosen->id;
      chosen->sent = std::max(chosen->sent, last);
      chosen->sign = parts_.awake();
      return chosen->bind;
    });
    if (!bind) return;
    bind();
    for (const OutRow& row : rows)
      parts_.outlet.order(row);
  });
}

std::vector<OutRow> OrdersOut::unacknowledged(Turn& turn) const {
  std::vector<OutRow> all;
  OutNo after;
  while (true) {
    auto rows = parts_.stores.outbox.pending(turn.work, OutKind::kOrder, after, kPendingAtATime);
    if (rows.empty()) return all;
    after = rows.back().no;
    std::ranges::move(rows, std::back_inserter(all));
  }
}

void OrdersOut::send(Turn& turn, OutRow row) {
  turn.effects.call([this, no = row.no] {
    state_.with([&](State& state) {
      state.waiting.push_back({no, parts_.awake()});
      if (Link* const receiver = state.find(state.receiver)) receiver->sent = no;
    });
  });
  turn.effects.order(std::move(row));
}

Result<bool> OrdersOut::acknowledged(Turn& turn, OrderLinkId link, OutNo through) {
  const OutNo sent = state_.with([link](State& state) {
    const Link* const one = state.find(link);
    return std::max(one == nullptr ? OutNo{} : one->sent, state.acknowledged);
  });
  if (through > sent)
    return Refusal{"BAD_REQUEST",
                   fmt::format("ack out {}: this connection was sent {}, and nothing behind it is "
                               "taken as received",
                               through.value(),
                               sent == OutNo{} ? std::string{"nothing"}
                                               : fmt::format("orders through {}", sent.value()))};
  parts_.stores.outbox.remove_through(turn.work, through);
  turn.effects.call([this, link, through] {
    state_.with([&](State& state) {
      state.acknowledged = std::max(state.acknowledged, through);
      while (!state.waiting.empty() && state.waiting.front().no <= through)
        state.waiting.pop_front();
      Link* const one = state.find(link);
      if (one == nullptr) return;
      one->sign = parts_.awake();
      one->silent = false;
    });
  });
  return true;
}

OrdersOutView OrdersOut::view() const {
  return state_.with([this](const State& state) {
    OrdersOutView view;
    view.waiting = static_cast<std::int64_t>(state.waiting.size());
    if (!state.waiting.empty())
      view.longest = std::chrono::floor<Micros>(parts_.awake() - state.waiting.front().since);
    for (const Link& link : state.links) {
      if (!link.served) continue;
      view.connected.push_back(link.name);
      if (link.id == state.receiver) view.receiver = link.name;
    }
    return view;
  });
}

}  // namespace systask::trading
