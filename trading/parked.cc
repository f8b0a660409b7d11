#include "trading/parked.h"

#include <algorithm>

namespace systask::trading {

MonotonicPoint parked_since(TimePoint received_at, TimePoint now, MonotonicPoint monotonic,
                            std::chrono::milliseconds longest) {
  return monotonic - std::clamp<Micros>(now - received_at, Micros{0}, Micros{longest} / 2);
}

void Parked::add(MessageNo message, const NumberKey& key, MonotonicPoint since) {
  remove(message);
  messages_.put(message, {key, since});
  const std::int64_t* const others = counts_.find(key);
  counts_.put(key, others == nullptr ? 1 : *others + 1);
  size_.put(Tally::kAll, size() + 1);
}

void Parked::remove(MessageNo message) {
  const Waiting* const waiting = messages_.find(message);
  if (waiting == nullptr) return;
  const NumberKey key = waiting->key;
  messages_.erase(message);
  if (const std::int64_t count = *counts_.find(key); count > 1)
    counts_.put(key, count - 1);
  else
    counts_.erase(key);
  size_.put(Tally::kAll, size() - 1);
}

std::int64_t Parked::size() const {
  const std::int64_t* const size = size_.find(Tally::kAll);
  return size == nullptr ? 0 : *size;
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
  size_.keep();
}

void Parked::drop() {
  messages_.drop();
  counts_.drop();
  size_.drop();
}

void Parked::commit() {
  messages_.commit();
  counts_.commit();
  size_.commit();
}

void Parked::abandon() {
  messages_.abandon();
  counts_.abandon();
  size_.abandon();
}

void Parked::load(Messages messages) {
  decltype(counts_)::Base counts;
  for (const auto& [message, waiting] : messages)
    ++counts[waiting.key];
  size_.load({{Tally::kAll, static_cast<std::int64_t>(messages.size())}});
  counts_.load(std::move(counts));
  messages_.load(std::move(messages));
}

}  // namespace systask::trading
