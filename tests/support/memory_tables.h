// The tables of trading in memory, with a journal that can take every change back: what the
// in-memory twins of the stores share. One lock for everything: a unit of work holds it from
// begin to end, every other call takes it for itself, so other threads see whole commits.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "trading/ports/day_store.h"
#include "trading/ports/message_store.h"
#include "trading/ports/order_store.h"
#include "trading/ports/outbox.h"
#include "trading/ports/plan_store.h"
#include "trading/ports/records.h"
#include "trading/ports/site_store.h"

namespace systask::support {

struct MemoryTables {
  using NumberKey = std::tuple<trading::BusinessDate, trading::Market, std::string, char>;
  using FillKey = std::tuple<trading::BusinessDate, trading::Market, std::string, std::string>;
  using LineKey = std::pair<trading::PlanId, trading::LineNumber>;
  struct ArchivedCache {
    trading::MessageRow row;
    std::string outcome;
  };

  std::map<trading::PlanId, trading::Plan> plans;
  std::map<trading::OrderId, trading::Order> orders;
  std::map<trading::OrderId, trading::CombinedOrder> combined;
  std::map<NumberKey, trading::OrderNumber> numbers;
  std::map<FillKey, trading::Fill> fills;
  std::map<trading::MessageNo, trading::MessageRow> messages;
  std::map<std::string, trading::MessageNo> message_ids;
  std::map<trading::MessageNo, std::string> received_bodies;  // of those that were edited since
  std::map<std::pair<trading::PlanId, std::string>, trading::OrderId> algo_ids;
  std::map<LineKey, trading::MessageRow> cache;
  std::map<trading::SiteId, trading::Site> sites;
  std::map<trading::OutNo, trading::OutRow> outbox;
  std::map<trading::AttemptId, trading::RecoveryAttempt> recoveries;
  std::map<std::int64_t, trading::AuditEntry> audit;
  std::map<trading::Market, std::string> sessions;
  std::map<char, std::int64_t> marks;  // 'd': the open date, 'o': the greatest out number

  // Rows of earlier days.
  std::map<trading::PlanId, trading::Plan> archived_plans;
  std::map<trading::OrderId, trading::Order> archived_orders;
  std::map<trading::OrderId, trading::CombinedOrder> archived_combined;
  std::map<NumberKey, trading::OrderNumber> archived_numbers;
  std::map<FillKey, trading::Fill> archived_fills;
  std::map<trading::MessageNo, trading::MessageRow> archived_messages;
  std::map<std::int64_t, ArchivedCache> archived_cache;

  std::recursive_mutex mutex;

  template <class Map>
  void put(Map& map, const typename Map::key_type& key, typename Map::mapped_type value) {
    before_write();
    const auto it = map.find(key);
    if (it == map.end()) {
      undo_.push_back([&map, key] { map.erase(key); });
      map.emplace(key, std::move(value));
    } else {
      undo_.push_back([&map, key, old = std::move(it->second)] { map.insert_or_assign(key, old); });
      it->second = std::move(value);
    }
  }

  template <class Map>
  bool erase(Map& map, const typename Map::key_type& key) {
    before_write();
    const auto it = map.find(key);
    if (it == map.end()) return false;
    undo_.push_back([&map, key, old = std::move(it->second)] { map.insert_or_assign(key, old); });
    map.erase(it);
    return true;
  }

  [[nodiscard]] std::size_t journal_size() const { return undo_.size(); }
  void roll_back_to(std::size_t size) {
    while (undo_.size() > size) {
      undo_.back()();
      undo_.pop_back();
    }
  }
  void forget_journal() { undo_.clear(); }

  bool lost = false;
  int writes_until_lost = 0;  // 0: never
  int losses = 0;             // how many transactions in a row are lost

 private:
  void before_write() {
    if (lost) throw std::runtime_error("the transaction is lost already");
    if (writes_until_lost > 0 && --writes_until_lost == 0) {
      roll_back_to(0);
      lost = true;
      if (--losses > 0) writes_until_lost = 1;
      throw std::runtime_error("database or disk is full");
    }
  }

  std::vector<std::function<void()>> undo_;
};

// The highest key given so far, or 0.
template <class Map>
typename Map::key_type last_key(const Map& map) {
  return map.empty() ? typename Map::key_type{} : map.rbegin()->first;
}

}  // namespace systask::support
