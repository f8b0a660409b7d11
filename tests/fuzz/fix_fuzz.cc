// Whatever a FIX log holds, it is imported to its end: times that do not go back, reports that
// are possible one after the other, bodies that are JSON.
#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include <sys/mman.h>
#include <unistd.h>

#include "base/check.h"
#include "peers/flow/fix/recording.h"
#include "peers/flow/fold.h"

namespace {

using namespace systask::peers::flow;

// What the platform, too, insists on.
class Possible {
 public:
  void take(const Report& report) {
    const OrderFacts& facts = report.order;
    if (report.function == Function::kPlaced) {
      CHECK(facts.number == last_number_ + 1, "numbers have a hole");
      CHECK(report.names_plan && facts.quantity > 0 && !facts.security.empty(),
            "a placement that creates no order");
      CHECK(facts.direction == 1 || facts.direction == 2, "neither buys nor sells");
      ++last_number_;
      rest_[facts.number] = facts.quantity;
      return;
    }
    const auto found = rest_.find(facts.number);
    CHECK(found != rest_.end(), "a report about an order that was not placed, or has ended");
    if (report.function == Function::kFilled) {
      CHECK(report.deal_quantity > 0, "a fill of nothing");
      found->second -= report.deal_quantity;
      CHECK(found->second >= 0, "filled beyond its quantity");
    }
    if (report.function == Function::kCancelled)
      CHECK(report.cancelled == found->second, "cancelled another quantity than the rest");
    const bool ends = report.function == Function::kCancelled ||
                      report.function == Function::kRejected || found->second == 0;
    if (ends) rest_.erase(found);
  }

 private:
  std::int64_t last_number_ = 0;
  std::map<std::int64_t, std::int64_t> rest_;
};

void import(const std::string& path) {
  fix::FixRecording recording{{.path = path, .plans = {1, 2}, .business_date = 20260522}};
  Possible possible;
  Fold fold;
  std::int64_t at_us = 0;
  while (const auto recorded = recording.next()) {
    CHECK(recorded->at_us >= at_us, "time goes back");
    at_us = recorded->at_us;
    possible.take(recorded->report);
    fold.apply(recorded->report);
    boost::json::parse(body_of(recorded->report, "id"));
  }
  boost::json::parse(recording.account_json());
  CHECK(!recording.account().empty(), "an import without its account");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const int file = ::memfd_create("log", 0);
  CHECK(file >= 0, "no memory for a file");
  CHECK(::write(file, data, size) == static_cast<ssize_t>(size), "a short write");
  const std::string path = "/proc/self/fd/" + std::to_string(file);
  try {
    import(path);
  } catch (const std::runtime_error& error) {
    const std::string why = error.what();
    constexpr std::array<std::string_view, 3> kReasons{"has no FIX message", "is UTF-16",
                                                       "breaks off"};
    CHECK(std::ranges::any_of(kReasons,
                              [&](auto reason) { return why.find(reason) != std::string::npos; }),
          why.c_str());
  }
  ::close(file);
  return 0;
}
