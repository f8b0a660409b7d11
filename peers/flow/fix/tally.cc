#include "peers/flow/fix/tally.h"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <iterator>
#include <utility>

#include "peers/flow/fix/fields.h"

namespace systask::peers::flow::fix {
namespace {

constexpr std::size_t kMostKinds = 200;  // of one section; a hostile log names no more
constexpr std::size_t kLongestKind = 120;

constexpr std::array<std::pair<std::string_view, std::string_view>, 8> kHeadings{
    {{"orders", "messages about orders"},
     {"session", "messages of the session, skipped"},
     {"unknown", "messages of other types, skipped"},
     {"around", "other lines of the log, skipped"},
     {"broken", "broken, skipped"},
     {"left_out", "not replayable, left out"},
     {"noted", "to be known"},
     {"made", "reports made of them"}}};

constexpr std::array<std::pair<std::string_view, std::string_view>, 44> kTypes{
    {{"0", "Heartbeat"},
     {"1", "TestRequest"},
     {"2", "ResendRequest"},
     {"3", "Reject"},
     {"4", "SequenceReset"},
     {"5", "Logout"},
     {"A", "Logon"},
     {"D", "NewOrderSingle"},
     {"F", "OrderCancelRequest"},
     {"G", "OrderCancelReplaceRequest"},
     {"8", "ExecutionReport"},
     {"9", "OrderCancelReject"},
     {"E", "NewOrderList"},
     {"K", "ListCancelRequest"},
     {"L", "ListExecute"},
     {"M", "ListStatusRequest"},
     {"N", "ListStatus"},
     {"H", "OrderStatusRequest"},
     {"Q", "DontKnowTrade"},
     {"R", "QuoteRequest"},
     {"S", "Quote"},
     {"V", "MarketDataRequest"},
     {"W", "MarketDataSnapshotFullRefresh"},
     {"X", "MarketDataIncrementalRefresh"},
     {"d", "SecurityDefinition"},
     {"j", "BusinessMessageReject"},
     {"6", "IOI"},
     {"7", "Advertisement"},
     {"B", "News"},
     {"C", "Email"},
     {"J", "AllocationInstruction"},
     {"P", "AllocationInstructionAck"},
     {"Y", "MarketDataRequestReject"},
     {"c", "SecurityDefinitionRequest"},
     {"k", "BidRequest"},
     {"q", "OrderMassCancelRequest"},
     {"r", "OrderMassCancelReport"},
     {"s", "NewOrderCross"},
     {"t", "CrossOrderCancelReplaceRequest"},
     {"u", "CrossOrderCancelRequest"},
     {"AB", "NewOrderMultileg"},
     {"AC", "MultilegOrderCancelReplace"},
     {"CA", "OrderMassActionRequest"},
     {"AE", "TradeCaptureReport"}}};

}  // namespace

void Tally::count(Section section, std::string_view what, std::int64_t line, std::size_t times) {
  Entries& all = sections_[static_cast<std::size_t>(section)];
  auto found = all.find(what);
  if (found == all.end()) {
    // Of a log that is hostile or no text: what is said of it stays readable, and bounded.
    const auto name = all.size() < kMostKinds ? to_utf8(what, kLongestKind) : "other kinds";
    found = all.try_emplace(name, Entry{0, line}).first;
  }
  found->second.count += static_cast<std::int64_t>(times);
}

std::int64_t Tally::total(Section section) const {
  std::int64_t sum = 0;
  for (const auto& [what, entry] : entries(section))
    sum += entry.count;
  return sum;
}

std::int64_t Tally::of(Section section, std::string_view what) const {
  const auto found = entries(section).find(what);
  return found == entries(section).end() ? 0 : found->second.count;
}

std::string Tally::to_text(const std::string& path, std::string_view orders) const {
  std::string text = fmt::format("imported {}:\n", path);
  const auto out = std::back_inserter(text);
  for (std::size_t i = 0; i < sections_.size(); ++i) {
    const auto section = static_cast<Section>(i);
    if (entries(section).empty() && section != Section::kMade) continue;
    fmt::format_to(out, "{:9}  {}\n", total(section),
                   section == Section::kOrders ? orders : kHeadings[i].second);
    for (const auto& [what, entry] : entries(section))
      fmt::format_to(out, "{:13}  {}{}\n", entry.count, what,
                     entry.first_line > 0 ? fmt::format(", first on line {}", entry.first_line)
                                          : std::string{});
  }
  return text;
}

std::string Tally::to_json() const {
  boost::json::object all;
  for (std::size_t i = 0; i < sections_.size(); ++i) {
    boost::json::object section;
    for (const auto& [what, entry] : sections_[i])
      section[what] = boost::json::object{{"count", entry.count}, {"first_line", entry.first_line}};
    all[kHeadings[i].first] = std::move(section);
  }
  return boost::json::serialize(all);
}

std::string name_of_type(std::string_view type) {
  for (const auto& [known, name] : kTypes)
    if (known == type) return fmt::format("{} ({})", name, type);
  return fmt::format("MsgType {}", type);
}

bool is_session_type(std::string_view type) {
  return type.size() == 1 && std::string_view{"012345A"}.find(type) != std::string_view::npos;
}

}  // namespace systask::peers::flow::fix
