// Orders knows the orders of a log by all their names: every ClOrdID of a chain of requests,
// and OrderIDs. Names belong to one session, both directions of it. Of orders that have
// ended it remembers the names of the last hundred thousand, to know a late repeat. One
// thread; a Life stays where it is until end() or forget().
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "peers/flow/fix/fields.h"
#include "peers/flow/order_life.h"

namespace systask::peers::flow::fix {

// A cancel or replace request that nobody has answered. What it says of a replacement
// counts where the answer says nothing.
struct Ask {
  std::string id;  // ClOrdID; empty where a list's cancel has none
  bool replaces = false;
  std::optional<std::int64_t> quantity;
  std::optional<std::int64_t> price;
};

struct Life : OrderLife {
  std::int64_t key = 0;
  std::int64_t before = 0;  // CumQty minus what our order filled: earlier fills of the chain
  bool confirmed = false;
  bool given_up = false;     // the log contradicts itself; what follows is left out
  bool corrected = false;    // a trade of it was taken back, which the platform does not know
  bool asked_again = false;  // another order under its ClOrdID, which is to be refused
  std::string order_id;      // that the other side gave it first
  std::int64_t day = 0;      // on which it began, in UTC, since 1970
  std::vector<Ask> asked;
  std::vector<std::string> names;
  std::string list;                     // the list it came in; empty: none
  std::vector<std::string> executions;  // ExecIDs of fills that say no CumQty

  [[nodiscard]] std::int64_t known_cum() const { return before + filled; }
};

// What systems write where an order has no OrderID, or is no other's successor.
[[nodiscard]] bool names_nothing(std::string_view id);
// The two ends of a session, the same for both directions.
[[nodiscard]] std::string ends_of(const Fields& message);
// And the client on whose behalf the nearer end speaks, if there is one: each has ids of its own.
[[nodiscard]] std::string session_of(const Fields& message);
[[nodiscard]] std::string client_name(std::string_view session, std::string_view cl_ord_id);

class Orders {
 public:
  // What is remembered of an order that has ended.
  struct Ended {
    std::int64_t cum = 0;    // CumQty, as far as it was known
    bool filled = false;     // it ended by its last fill
    bool corrected = false;  // a trade of it was taken back
    OrderFacts facts{};      // of its last number
  };
  struct Found {
    Life* life = nullptr;
    bool ended = false;         // it was known, and has ended
    Ended* past = nullptr;      // of the ended; none of those that ended long ago
    std::int64_t cum = 0;       // CumQty of the ended, as far as it was known
    bool contradicted = false;  // one was passed over: it is of another security or side
  };

  // By one name, as client_name() makes them.
  [[nodiscard]] Found find(const std::string& name);
  // By ClOrdID, OrigClOrdID, OrderID, the first that is known. An order that is found by another
  // id than its ClOrdID, or in the session of all clients, must be of the same security and side.
  [[nodiscard]] Found find(std::string_view session, const Fields& message);

  Life& begin(OrderLife life);
  // Whether this request is one that began an order before: the same ClOrdID, sent at the same time
  // under the same number. Remembered of the last million.
  [[nodiscard]] bool began_by(std::string_view session, const Fields& request) const;
  void remember_request(std::string_view session, const Fields& request);
  // Adds the names that the message gives it; one that is another open order's stays there.
  void name(Life& life, std::string_view session, const Fields& message);
  void name(Life& life, std::string name);
  void end(Life& life);
  // As if it had never been seen: it may come back.
  void forget(Life& life);

  void add_to_list(const std::string& list, Life& life);
  // In the order in which they were added.
  [[nodiscard]] std::vector<Life*> open_of_list(const std::string& list);
  [[nodiscard]] std::size_t open() const { return lives_.size(); }
  // Lists that have an open order.
  [[nodiscard]] std::size_t open_lists() const { return lists_.size(); }

 private:
  Found find_in(std::string_view session, const Fields& message, bool trusts_client_id);
  void name_in(std::string_view session, Life& life, const Fields& message);
  void leave_list(const Life& life);
  void erase_names(std::int64_t key, const std::vector<std::string>& names);

  std::int64_t last_key_ = 0;
  std::unordered_map<std::int64_t, Life> lives_;
  std::unordered_map<std::string, std::int64_t> keys_;
  std::deque<std::pair<std::int64_t, std::vector<std::string>>> ended_;
  std::unordered_map<std::int64_t, Ended> past_;  // by their keys
  std::unordered_set<std::size_t> requests_;      // hashes of those that began orders
  std::deque<std::size_t> requests_in_order_;
  std::unordered_map<std::string, std::set<std::int64_t>> lists_;  // of their open orders
};

}  // namespace systask::peers::flow::fix
