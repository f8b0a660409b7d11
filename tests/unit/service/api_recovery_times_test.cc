#include "service/api/recovery_times.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

namespace systask::service {
namespace {

namespace json = boost::json;

// One that was recovered `us` after its site was lost, half of it before that was noticed.
json::object recovered(std::int64_t us) {
  json::object row{{"phase", "recovered"}};
  for (const char* phase : {"choose", "rebuild", "claim", "replay", "finish"})
    row[std::string{phase} + "_us"] = nullptr;
  row["notice_us"] = us / 2;
  row["all_us"] = us;
  return row;
}

json::object times_of(const json::object& times, std::string_view phase) {
  for (const json::value& row : times.at("phases").as_array())
    if (std::string_view{row.at("phase").as_string()} == phase) return row.as_object();
  return {};
}

TEST(RecoveryTimes, AreNearestRanksOfTheRecovered) {
  json::array rows{json::object{{"phase", "failed"}}, json::object{{"phase", "waiting"}},
                   json::object{{"phase", "replaying"}}};
  for (std::int64_t us = 200; us > 0; us -= 2)
    rows.push_back(recovered(us));
  const json::object times = recovery_times(rows);
  EXPECT_EQ(times.at("recovered"), 100);
  EXPECT_EQ(times.at("failed"), 1);
  EXPECT_EQ(times.at("open"), 2);
  EXPECT_EQ(times_of(times, "all"), (json::object{{"phase", "all"},
                                                  {"count", 100U},
                                                  {"p50_us", 100},
                                                  {"p90_us", 180},
                                                  {"p99_us", 198},
                                                  {"max_us", 200}}));
  EXPECT_EQ(times_of(times, "notice").at("max_us"), 100);
  EXPECT_EQ(times_of(times, "claim").at("count"), 0U);
  EXPECT_TRUE(times_of(times, "claim").at("p50_us").is_null());
}

TEST(RecoveryTimes, OfNothingAreNothing) {
  const json::object times = recovery_times({});
  EXPECT_EQ(times.at("recovered"), 0);
  EXPECT_EQ(times.at("phases").as_array().size(), 7U);
}

}  // namespace
}  // namespace systask::service
