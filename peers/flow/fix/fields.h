// The fields of one message by their tags, as this flow needs them. A view: the message must
// outlive it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "peers/flow/fix/parser.h"

namespace systask::peers::flow::fix {

namespace tag {
inline constexpr int kAvgPx = 6;
inline constexpr int kClOrdId = 11;
inline constexpr int kCumQty = 14;
inline constexpr int kExecId = 17;
inline constexpr int kExecTransType = 20;
inline constexpr int kLastPx = 31;
inline constexpr int kLastQty = 32;
inline constexpr int kMsgSeqNum = 34;
inline constexpr int kOrderId = 37;
inline constexpr int kOrderQty = 38;
inline constexpr int kOrdStatus = 39;
inline constexpr int kOrigClOrdId = 41;
inline constexpr int kPossDupFlag = 43;
inline constexpr int kPrice = 44;
inline constexpr int kSecurityId = 48;
inline constexpr int kSenderCompId = 49;
inline constexpr int kSendingTime = 52;
inline constexpr int kSide = 54;
inline constexpr int kSymbol = 55;
inline constexpr int kTargetCompId = 56;
inline constexpr int kText = 58;
inline constexpr int kTransactTime = 60;
inline constexpr int kListId = 66;
inline constexpr int kPossResend = 97;
inline constexpr int kCxlRejReason = 102;
inline constexpr int kOrdRejReason = 103;
inline constexpr int kOnBehalfOfCompId = 115;
inline constexpr int kDeliverToCompId = 128;
inline constexpr int kExecType = 150;
inline constexpr int kLeavesQty = 151;
inline constexpr int kRefMsgType = 372;
inline constexpr int kMultiLegReportingType = 442;
}  // namespace tag

// A whole quantity from 0 to 10^15, so that sums of a few fit: "100", "100.00".
[[nodiscard]] std::optional<std::int64_t> parse_quantity(std::string_view text);
// FIX writes "12.", ".5" and zeros behind the eighth decimal, too; not more digits there.
[[nodiscard]] std::optional<std::int64_t> parse_price(std::string_view text);
// The same, cut after the eighth decimal: of averages.
[[nodiscard]] std::optional<std::int64_t> parse_average(std::string_view text);
// 20260522-01:30:00[.123456] in UTC, in microseconds since 1970.
[[nodiscard]] std::optional<std::int64_t> parse_utc(std::string_view text);
// What is not UTF-8 is taken for Latin-1; at most `longest` bytes, whole characters.
[[nodiscard]] std::string to_utf8(std::string_view text, std::size_t longest);

class Fields {
 public:
  explicit Fields(const FieldList& own, const FieldList* outer = nullptr)
      : own_(own), outer_(outer) {}

  // Empty where it is absent; an entry of a list also has the fields of its message.
  [[nodiscard]] std::string_view text(int tag) const;
  [[nodiscard]] bool has(int tag) const { return !text(tag).empty(); }
  [[nodiscard]] char character(int tag) const { return has(tag) ? text(tag).front() : '\0'; }
  [[nodiscard]] std::optional<std::int64_t> quantity(int tag) const {
    return parse_quantity(text(tag));
  }
  [[nodiscard]] std::optional<std::int64_t> price(int tag) const { return parse_price(text(tag)); }

 private:
  const FieldList& own_;
  const FieldList* outer_;
};

// Symbol (55), or SecurityID (48) where that says nothing; UTF-8. Empty where there is neither.
[[nodiscard]] std::string symbol_of(const Fields& f);
// Side (54): 1 buys, 2 sells; 0 where it is neither, or absent.
[[nodiscard]] int direction_of(const Fields& f);
// PossDupFlag (43) or PossResend (97).
[[nodiscard]] bool is_resent(const Fields& f);

}  // namespace systask::peers::flow::fix
