#include "trading/parked.h"

#include <algorithm>

namespace systask::trading {

MonotonicPoint parked_since(TimePoint received_at, TimePoint now, MonotonicPoint monotonic,
                            std::chrono::milliseconds longest) {
  return monotonic - std::clamp<Micros>(now - received_at, Micros{0}, Micros{longest} / 2);
}

void Parked::add(MessageNo message, const Waiting& waiting) {
  remove(message);
  messages_.put(message, waiting);
  const std::int64_t* const others = counts_.find(waiting.key);
  counts_.put(waiting.key, others == nullptr ? 1 : *others + 1);
  count(1, waiting.bytes);
}

void Parked::remove(MessageNo message) {
  const Waiting* const waiting = messages_.find(message);
  if (waiting == nullptr) return;
  const Waiting gone = *waiting;
  messages_.erase(message);
  if (const std::int64_t others = *counts_.find(gone.key) - 1; others > 0)
    counts_.put(gone.key, others);
  else
    counts_.erase(gone.key);
  count(-1, -gone.bytes);
}

std::int64_t Parked::tally(Tally which) const {
  const std::int64_t* const found = tallies_.find(which);
  return found == nullptr ? 0 : *found;
}

void Parked::count(std::int64_t messages, std::int64_t bytes) {
  tallies_.put(Tally::kMessages, size() + messages);
  tallies_.put(Tally::kBytes, this->bytes() + bytes);
}

std::vector<NumberKey> Parked::keys() const {
  std::vector<NumberKey> keys;
  counts_.for_each([&](const NumberKey& key, std::int64_t) { keys.push_back(key); });
  return keys;
}

std::vector<MessageNo> Parked::waiting_since(MonotonicPoint then, std::size_t limit) const {
  std::vector<MessageNo> found;
  messages_.for_each([&](MessageNo message, const Waiting& waiting) {
    if (waiting.since <= then) found.push_back(message);
  });
  std::ranges::sort(found);
  if (found.size() > limit) found.resize(limit);
  return found;
}

void Parked::keep() {
  messages_.keep();
  counts_.keep();
  tallies_.keep();
}

void Parked::drop() {
  messages_.drop();
  counts_.drop();
  tallies_.drop();
}

void Parked::commit() {
  messages_.commit();
  counts_.commit();
  tallies_.commit();
}

void Parked::abandon() {
  messages_.abandon();
  counts_.abandon();
  tallies_.abandon();
}

void Parked::load(Messages messages) {
  decltype(counts_)::Base counts;
  std::int64_t bytes = 0;
  for (const auto& [message, waiting] : messages) {
    ++counts[waiting.key];
    bytes += waiting.bytes;
  }
  tallies_.load(
      {{Tally::kMessages, static_cast<std::int64_t>(messages.size())}, {Tally::kBytes, bytes}});
  counts_.load(std::move(counts));
  messages_.load(std::move(messages));
}

}  // namespace systask::trading
