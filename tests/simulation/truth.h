// The truth about orders and reports, as the simulated order system knows it: what the platform
// must come to believe. Plain values; nothing here knows what the platform thinks.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/clock.h"

namespace systask::simulation {

using PlanNo = std::int64_t;

// One order at the market, or one leg of a combined order.
struct MarketOrder {
  int key = 0;  // ours, from 1
  PlanNo plan = 0;
  int market = 1;
  std::string security;
  int side = 1;
  std::int64_t quantity = 0;
  std::string number;      // entrust_no
  std::string algo_ordid;  // a site's; empty: placed elsewhere
  int pair = 0;            // the combined order of which this is a leg
  bool bank = false;       // interbank: placed, confirmed, filled, and nothing else
  bool confirmed = false;
  bool rejected = false;
  bool cancel_pending = false;
  std::int64_t filled = 0;
  std::int64_t cancelled = 0;

  [[nodiscard]] std::int64_t rest() const { return quantity - filled - cancelled; }
  [[nodiscard]] bool open() const { return !rejected && rest() > 0; }
  // docs/protocol.md, section 6.
  [[nodiscard]] char state() const {
    if (rejected) return '5';
    if (filled == quantity) return '7';
    if (rest() == 0) return filled > 0 ? '8' : '9';
    if (cancel_pending) return 'a';
    if (filled > 0) return '6';
    return confirmed ? '4' : '1';
  }
};

struct MarketPair {
  int key = 0;
  PlanNo plan = 0;
  int market = 1;
  std::string number;
  int buy = 0;  // keys of its legs
  int sell = 0;
  bool confirmed = false;
  bool rejected = false;
  bool cancel_pending = false;
  bool cancelled = false;

  [[nodiscard]] bool open() const { return !rejected && !cancelled; }
  [[nodiscard]] char state() const {
    if (rejected) return '5';
    if (cancelled) return '9';
    if (cancel_pending) return 'a';
    return confirmed ? '4' : '1';
  }
};

// What a report must come to, whoever dies meanwhile.
enum class Fate {
  kEffect,      // it has its effect, once
  kOneOfDeal,   // a fill that was reported under several ids: one of them has the effect
  kQuarantine,  // it is impossible or contradictory: an operator must see it
  kNoOrder,     // its order never comes: parked, and in the end quarantined
  kPass,        // an approval
};

struct Report {
  std::string id;  // message_id
  int function = 0;
  std::string topic;
  std::string body;
  Fate fate = Fate::kEffect;
  int order = 0;  // key of the order, or of the pair where `combined`
  bool combined = false;
  std::string deal;
  std::int64_t quantity = 0;  // filled or cancelled
  std::int64_t sell_quantity = 0;
  int published = 0;   // how many times
  bool acked = false;  // the platform said it is durably dealt with
};

inline constexpr std::int64_t kPrice = 10;  // of every order and fill

// docs/protocol.md, section 2.
inline constexpr Micros kHeartbeat{200'000};
inline constexpr Micros kSiteTimeout{1'000'000};  // at the latest
inline constexpr Micros kSuspect{800'000};        // at the earliest
inline constexpr Micros kSiteGrace{200'000};
inline constexpr Micros kStartGrace{2'000'000};

}  // namespace systask::simulation
