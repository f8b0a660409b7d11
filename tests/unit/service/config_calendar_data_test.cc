// Every session of the real exchanges, open, close and break, against what was recorded.
#include <gtest/gtest.h>
#include <zlib.h>

#include <fmt/format.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "calendar/hours_text.h"
#include "service/cli/sessions.h"
#include "tests/support/scratch_folder.h"

namespace systask::service {
namespace {

std::string printed_sessions(const std::string& file, const std::string& name,
                             const std::string& from, const std::string& to) {
  std::ostringstream out;
  std::ostringstream err;
  EXPECT_EQ(answer_sessions({name, from, to, file}, out, err), 0) << err.str();
  return out.str();
}

// The folder of the recorded sessions; empty where it is not there.
std::string data_folder() {
  const char* const given = std::getenv("SYSTASK_DATA");
  const std::string folder =
      (given == nullptr ? "../shared/data" : std::string{given}) + "/calendars";
  return std::filesystem::is_directory(folder) ? folder : "";
}

// One line a session, as `systask sessions` prints it.
std::string recorded_sessions(const std::string& file) {
  std::string text;
  gzFile in = ::gzopen(file.c_str(), "rb");
  std::array<char, 65536> block{};
  for (int got = 0; in != nullptr && (got = ::gzread(in, block.data(), block.size())) > 0;)
    text.append(block.data(), static_cast<std::size_t>(got));
  if (in != nullptr) ::gzclose(in);
  std::istringstream lines{text};
  std::string all;
  std::string line;
  std::getline(lines, line);  // the names of the columns
  while (std::getline(lines, line)) {
    if (line.ends_with('\r')) line.pop_back();
    all += line.substr(0, 10);
    line = line.substr(line.find(','));
    for (std::size_t at = 0; at != std::string::npos;) {
      const std::size_t end = line.find(',', at + 1);
      const std::string field = line.substr(at + 1, end - at - 1);
      all += "\t" + (field.empty() ? "-" : field);
      at = end;
    }
    all += "\n";
  }
  return all;
}

void expect_same_lines(const std::string& printed, const std::string& recorded) {
  ASSERT_FALSE(recorded.empty());
  std::istringstream a{printed};
  std::istringstream b{recorded};
  std::string of_a;
  for (std::string of_b; std::getline(b, of_b);) {
    std::getline(a, of_a);
    ASSERT_EQ(of_a, of_b);
  }
  EXPECT_FALSE(std::getline(a, of_a)) << of_a;
}

TEST(CalendarData, TheShippedOnesHaveEverySessionOfTheirExchange) {
  const std::string folder = data_folder();
  if (folder.empty()) GTEST_SKIP() << "there are no recorded sessions (../shared/data/calendars)";
  expect_same_lines(printed_sessions("calendars/xshg.yaml", "xshg", "1990-12-03", "2026-12-31"),
                    recorded_sessions(folder + "/xshg.csv.gz"));
  expect_same_lines(printed_sessions("calendars/xhkg.yaml", "xhkg", "1990-01-02", "2025-09-05"),
                    recorded_sessions(folder + "/xhkg.csv.gz"));
}

// The calendar that the sessions of New York make, in the form in which people write one.
std::string new_york(const std::string& recorded, const Zone& zone) {
  std::map<Date, std::string> closes;
  std::istringstream lines{recorded};
  for (std::string line; std::getline(lines, line);) {
    const auto close = from_rfc3339(line.substr(32, 20)).value();
    closes[parse_date(line.substr(0, 10)).value()] = zone.to_rfc3339(close).substr(11, 5);
  }
  std::string holidays;
  std::string days;
  for (auto date = closes.begin()->first; date <= closes.rbegin()->first;
       date += std::chrono::days{1}) {
    const unsigned weekday = std::chrono::weekday{date}.c_encoding();
    const auto found = closes.find(date);
    if (found == closes.end() && weekday != 0 && weekday != 6)
      holidays += "  - " + iso_date(date) + "\n";
    if (found != closes.end() && found->second != "16:00")
      days += fmt::format("  {}: close {}\n", iso_date(date), found->second);
  }
  return fmt::format(
      "time_zone: America/New_York\nfrom: {}\nto: {}\nweek: {{MON-FRI: 09:30-16:00}}\n"
      "holidays:\n{}days:\n{}",
      iso_date(closes.begin()->first), iso_date(closes.rbegin()->first), holidays, days);
}

TEST(CalendarData, NewYorkCanBeWrittenDownToo) {
  const std::string folder = data_folder();
  if (folder.empty()) GTEST_SKIP() << "there are no recorded sessions (../shared/data/calendars)";
  const std::string recorded = recorded_sessions(folder + "/xnys.csv.gz");
  ASSERT_FALSE(recorded.empty());
  const ScratchFolder scratch;
  const Zone zone = Zone::find("America/New_York").value();
  std::ofstream{scratch.file("xnys.yaml")} << new_york(recorded, zone);
  const std::string last = recorded.substr(recorded.rfind('\n', recorded.size() - 2) + 1, 10);
  expect_same_lines(
      printed_sessions(scratch.file("xnys.yaml"), "xnys", recorded.substr(0, 10), last), recorded);
}

}  // namespace
}  // namespace systask::service
