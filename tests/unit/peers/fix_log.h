// Logs of FIX messages for tests: messages with a right BodyLength and CheckSum, and what
// their import gives.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <string>
#include <vector>

#include "peers/flow/decimal.h"
#include "peers/flow/fix/recording.h"
#include "tests/support/scratch_folder.h"

namespace systask::peers::flow::fix {

inline unsigned check_sum(const std::string& text) {
  unsigned sum = 0;
  for (const char c : text)
    sum += static_cast<unsigned char>(c);
  return sum % 256;
}

// `fields` are separated by |, from MsgType on; the message has SOH.
inline std::string message(std::string fields, const std::string& version = "FIX.4.4") {
  fields += '|';
  std::ranges::replace(fields, '|', '\x01');
  const std::string text = fmt::format(
      "8={}\x01"
      "9={}\x01{}",
      version, fields.size(), fields);
  return fmt::format("{}10={:03}\x01", text, check_sum(text));
}

// The same as people read it.
inline std::string piped(std::string fields, const std::string& version = "FIX.4.4") {
  std::string text = message(std::move(fields), version);
  std::ranges::replace(text, '\x01', '|');
  return text;
}

// From a client C to a broker B, and back.
inline std::string ask(const std::string& type, const std::string& fields) {
  return fmt::format("35={}|49=C|56=B|52=20260522-01:30:00.000|{}", type, fields);
}
inline std::string tell(const std::string& type, const std::string& fields) {
  return fmt::format("35={}|49=B|56=C|52=20260522-01:30:00.250|{}", type, fields);
}
inline std::string buy(const std::string& id, int quantity = 100) {
  return ask("D", fmt::format("11={}|55=600570|54=1|38={}|40=2|44=10.5", id, quantity));
}

// The import of a log: its reports as short texts, and its account.
class Import {
 public:
  explicit Import(const std::string& log, std::vector<std::int64_t> plans = {7}) {
    const ScratchFolder folder;
    const std::string path = folder.file("session.log");
    std::ofstream{path, std::ios::binary} << log;
    FixRecording recording{
        {.path = path, .plans = std::move(plans), .business_date = 20260522, .first_number = 1}};
    while (const auto recorded = recording.next())
      all.push_back(*recorded);
    tally = recording.tally();
    account = recording.account();
  }

  // "402206 #1 40@10.5": function, order number, and of placements, fills and cancels how
  // much; of refusals why.
  [[nodiscard]] std::vector<std::string> lives() const {
    std::vector<std::string> texts;
    for (const auto& [at_us, report] : all) {
      std::string text = fmt::format("{} #{}", number_of(report.function), report.order.number);
      if (report.function == Function::kPlaced) text += fmt::format(" {}", report.order.quantity);
      if (report.function == Function::kFilled)
        text += fmt::format(" {}@{}", report.deal_quantity, format_decimal(report.deal_price));
      if (report.function == Function::kCancelled) text += fmt::format(" {}", report.cancelled);
      if (!report.cause.empty()) text += " " + report.cause;
      texts.push_back(std::move(text));
    }
    return texts;
  }

  std::vector<Recorded> all;
  Tally tally;
  std::string account;
};

// A log in which each message has a line.
inline std::string lines(const std::vector<std::string>& messages) {
  std::string log;
  for (const std::string& one : messages)
    log += message(one) + "\n";
  return log;
}

}  // namespace systask::peers::flow::fix
