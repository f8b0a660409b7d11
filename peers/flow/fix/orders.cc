#include "peers/flow/fix/orders.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace systask::peers::flow::fix {
namespace {

constexpr std::size_t kEndedRemembered = 100'000;
constexpr std::size_t kRequestsRemembered = 1'000'000;

// Where the message says nothing of security or side, it contradicts nothing.
bool contradicts(const Life& life, const Fields& message) {
  const std::string symbol = symbol_of(message);
  const int direction = direction_of(message);
  return (!symbol.empty() && symbol != life.facts.security) ||
         (direction != 0 && direction != life.facts.direction);
}

std::size_t hash_of(std::string_view session, const Fields& request) {
  return std::hash<std::string>{}(
      fmt::format("{}\x01{}\x01{}\x01{}", session, request.text(tag::kClOrdId),
                  request.text(tag::kSendingTime), request.text(tag::kMsgSeqNum)));
}

std::string order_name(std::string_view session, std::string_view order_id) {
  return fmt::format("{}\x01o{}", session, order_id);
}

}  // namespace

bool names_nothing(std::string_view id) {
  constexpr std::array<std::string_view, 10> kWords{"",    "0",   "-1",    "NONE",    "NULL",
                                                    "NIL", "N/A", "[N/A]", "UNKNOWN", "UNDEFINED"};
  std::string upper{id};
  std::ranges::transform(upper, upper.begin(), [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
  });
  return std::ranges::find(kWords, upper) != kWords.end();
}

std::string ends_of(const Fields& message) {
  auto one = message.text(tag::kSenderCompId);
  auto other = message.text(tag::kTargetCompId);
  if (other < one) std::swap(one, other);
  return fmt::format("{}\x01{}", one, other);
}

std::string session_of(const Fields& message) {
  const auto behalf = message.text(message.has(tag::kOnBehalfOfCompId) ? tag::kOnBehalfOfCompId
                                                                       : tag::kDeliverToCompId);
  const std::string ends = ends_of(message);
  return behalf.empty() ? ends : fmt::format("{}\x01{}", ends, behalf);
}

std::string client_name(std::string_view session, std::string_view cl_ord_id) {
  return fmt::format(
      "{}\x01"
      "c{}",
      session, cl_ord_id);
}

Orders::Found Orders::find(const std::string& name) {
  const auto key = keys_.find(name);
  if (key == keys_.end()) return {};
  const auto life = lives_.find(key->second);
  if (life != lives_.end()) return {.life = &life->second};
  const auto past = past_.find(key->second);
  if (past == past_.end()) return {.ended = true};
  return {.ended = true, .past = &past->second, .cum = past->second.cum};
}

Orders::Found Orders::find(std::string_view session, const Fields& message) {
  Found found = find_in(session, message, true);
  const std::string ends = ends_of(message);
  if (found.life != nullptr || found.ended || ends == session) return found;
  return find_in(ends, message, false);
}

Orders::Found Orders::find_in(std::string_view session, const Fields& message,
                              bool trusts_client_id) {
  Found found;
  for (const int tag : {tag::kClOrdId, tag::kOrigClOrdId, tag::kOrderId}) {
    const auto id = message.text(tag);
    if (tag == tag::kOrderId ? names_nothing(id) : id.empty()) continue;
    Found hit = find(tag == tag::kOrderId ? order_name(session, id) : client_name(session, id));
    const bool trusted = tag == tag::kClOrdId && trusts_client_id;
    if (hit.life != nullptr && !trusted && contradicts(*hit.life, message)) {
      found.contradicted = true;
      continue;
    }
    hit.contradicted = found.contradicted;
    if (hit.life != nullptr) return hit;
    if (hit.ended && !found.ended) found = hit;
  }
  return found;
}

Life& Orders::begin(OrderLife life) {
  const auto key = ++last_key_;
  Life& begun = lives_[key];
  static_cast<OrderLife&>(begun) = std::move(life);
  begun.key = key;
  return begun;
}

void Orders::name(Life& life, std::string_view session, const Fields& message) {
  name_in(session, life, message);
  if (const std::string ends = ends_of(message); ends != session) name_in(ends, life, message);
}

void Orders::name_in(std::string_view session, Life& life, const Fields& message) {
  if (message.has(tag::kClOrdId)) name(life, client_name(session, message.text(tag::kClOrdId)));
  if (const auto former = message.text(tag::kOrigClOrdId); !names_nothing(former))
    name(life, client_name(session, former));
  if (const auto order_id = message.text(tag::kOrderId); !names_nothing(order_id))
    name(life, order_name(session, order_id));
}

void Orders::name(Life& life, std::string name) {
  const auto [at, fresh] = keys_.try_emplace(name, life.key);
  if (!fresh) {
    if (at->second == life.key || lives_.contains(at->second)) return;
    at->second = life.key;
  }
  life.names.push_back(std::move(name));
}

bool Orders::began_by(std::string_view session, const Fields& request) const {
  return request.has(tag::kMsgSeqNum) && requests_.contains(hash_of(session, request));
}

void Orders::remember_request(std::string_view session, const Fields& request) {
  if (!request.has(tag::kSendingTime) || !request.has(tag::kMsgSeqNum)) return;
  const auto hash = hash_of(session, request);
  if (!requests_.insert(hash).second) return;
  requests_in_order_.push_back(hash);
  if (requests_in_order_.size() <= kRequestsRemembered) return;
  requests_.erase(requests_in_order_.front());
  requests_in_order_.pop_front();
}

void Orders::end(Life& life) {
  leave_list(life);
  ended_.emplace_back(life.key, std::move(life.names));
  past_.emplace(life.key, Ended{.cum = life.known_cum(),
                                .filled = life.rest() == 0,
                                .corrected = life.corrected,
                                .facts = life.facts});
  lives_.erase(life.key);
  if (ended_.size() <= kEndedRemembered) return;
  past_.erase(ended_.front().first);
  erase_names(ended_.front().first, ended_.front().second);
  ended_.pop_front();
}

void Orders::forget(Life& life) {
  leave_list(life);
  erase_names(life.key, life.names);
  lives_.erase(life.key);
}

void Orders::add_to_list(const std::string& list, Life& life) {
  life.list = list;
  lists_[list].insert(life.key);
}

std::vector<Life*> Orders::open_of_list(const std::string& list) {
  std::vector<Life*> open;
  const auto found = lists_.find(list);
  if (found == lists_.end()) return open;
  for (const auto key : found->second)
    open.push_back(&lives_.at(key));
  return open;
}

void Orders::leave_list(const Life& life) {
  const auto found = lists_.find(life.list);
  if (found == lists_.end()) return;
  found->second.erase(life.key);
  if (found->second.empty()) lists_.erase(found);
}

void Orders::erase_names(std::int64_t key, const std::vector<std::string>& names) {
  for (const std::string& name : names)
    if (const auto at = keys_.find(name); at != keys_.end() && at->second == key) keys_.erase(at);
}

}  // namespace systask::peers::flow::fix
