// A Translator turns FIX messages, in the order of the log, into the order system's reports:
// NewOrderSingle and PendingNew are 402213, New 402208, trades 402206, Rejected 402207,
// cancel and replace requests 402210, Canceled, Expired and DoneForDay 402212,
// OrderCancelReject 402211; Replaced is a 402212 of the rest and a new order. Whatever it
// cannot tell without guessing is left out and counted. What is said twice counts once.
//
// A value of one thread; the same messages give the same reports. The tally must outlive it.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <random>
#include <string>
#include <string_view>

#include "peers/flow/fix/fields.h"
#include "peers/flow/fix/orders.h"
#include "peers/flow/fix/parser.h"
#include "peers/flow/fix/tally.h"
#include "peers/flow/limits.h"
#include "peers/flow/recording.h"

namespace systask::peers::flow::fix {

class Translator {
 public:
  Translator(const ReplayOptions& options, Tally& tally);

  // Appends what the message on this line says.
  void take(const Parsed& message, std::int64_t line, std::deque<Recorded>& reports);
  // Behind the last message.
  void end();

 private:
  static constexpr std::string_view kNoOrderPrice =
      "orders at a price (44) that the platform does not take: below 0 or too high";

  // requests.cc: what clients ask, and its refusal
  void new_order(const Fields& f);
  [[nodiscard]] bool said_before(const Fields& f);
  void new_list(const Parsed& message, const Fields& f);
  void cancel_or_replace(const Fields& f, bool replaces);
  void cancel_list(const Fields& f);
  void cancel_rejected(const Fields& f);
  void list_status(const Parsed& message, const Fields& f);
  void ask(Life& life, Ask ask);

  // executions.cc: what became of orders
  void execution(const Fields& f);
  void correction(const Orders::Found& found, const Fields& f);
  // A rejection of another order that was to have the ClOrdID of this one.
  [[nodiscard]] static bool refuses_duplicate(const Life& life, const Fields& f);
  // A replacement that opens an order again which had been filled; false where it is none.
  bool reopened(const Orders::Found& found, const Fields& f);
  Life* make_known(const Fields& f, char type, bool status_only);
  void carry_out(Life& life, const Fields& f, char type);
  void confirmed(Life& life);
  void about_ended(const Orders::Found& found, const Fields& f, char type);
  void trade(Life& life, const Fields& f);
  bool fill(Life& life, std::int64_t quantity, std::int64_t price);
  // Fills that the log does not have but CumQty counts; false where the life is given up.
  bool fill_gap(Life& life, const Fields& f, std::int64_t through);
  void rejected(Life& life, const Fields& f);
  // Done for the day, it may come back on the next one.
  void cancelled(Life& life, const Fields& f, bool may_come_back);
  void replaced(Life& life, const Fields& f, bool restated);
  void go_on_as(Life& life, std::int64_t quantity, std::int64_t price);

  void read_time(const Fields& f);
  // Null where the facts do not do, which is counted.
  Life* begin(const Fields& f, std::optional<std::int64_t> quantity);
  // What is left of it on the platform is cancelled; what the log goes on to say of it is left out.
  void give_up(Life& life, std::string_view why);
  void emit(Report report);
  void left_out(std::string_view what) { tally_.count(Section::kLeftOut, what, line_); }
  void noted(std::string_view what) { tally_.count(Section::kNoted, what, line_); }

  const ReplayOptions options_;
  Tally& tally_;
  Orders orders_;
  Limits limits_;
  std::mt19937_64 random_;
  std::int64_t next_number_;
  std::size_t begun_ = 0;
  std::size_t given_up_ = 0;

  // Of the message that is being taken:
  std::deque<Recorded>* reports_ = nullptr;
  std::int64_t line_ = 0;
  std::string session_;
  std::optional<std::int64_t> first_at_;  // of the log, in UTC microseconds
  std::int64_t at_us_ = 0;
  std::int64_t day_ = 0;   // in UTC, since 1970
  std::int32_t time_ = 0;  // HHMMSS
};

// Text (58), or the number of the reason.
[[nodiscard]] std::string cause_of(const Fields& f, int reason_tag, std::string_view reason_name);

}  // namespace systask::peers::flow::fix
