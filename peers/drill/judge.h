// The judge: pure functions that say whether anything was lost, doubled or out of order,
// from what sites and flow recorded about themselves. The platform's word is evidence that
// is compared, never the measure.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "peers/drill/account.h"
#include "peers/drill/trace.h"

namespace systask::peers::drill {

// What the platform says of a plan at the end.
struct PlatformPlan {
  std::string status;
  std::int64_t last = 0;
  std::int64_t skipped = 0;
  std::string digest;
};

struct Evidence {
  std::vector<SiteTrace> sites;  // one a process
  FlowTrace flow;
  bool flow_spoke = true;  // else its trace is not whole: plans are judged by their sites alone
  std::map<std::int64_t, PlanFold> folds;
  std::map<std::int64_t, PlanRequest> requests;
  std::map<std::int64_t, PlatformPlan> platform;
};

enum class Fault { kLost, kDoubled, kOutOfOrder, kGap, kUnknown, kDigest, kStatus, kAccount };
[[nodiscard]] std::string_view name_of(Fault fault);

struct Breach {
  Fault fault = Fault::kAccount;
  std::int64_t plan = 0;
  std::int64_t seq = 0;    // 0: none in particular
  std::string message_id;  // empty: none in particular
  std::string detail;      // what was expected, and what was found
};

struct Verdict {
  std::vector<Breach> breaches;
  std::int64_t lost = 0;
  std::int64_t doubled = 0;
  std::int64_t out_of_order = 0;
  std::int64_t seen_by_sites = 0;               // order events
  std::int64_t compared_at_sites = 0;           // digests
  std::map<std::int64_t, std::string> digests;  // the drill's own, by plan
  std::string digest;                           // over all plans: comparable between runs

  [[nodiscard]] bool good() const { return breaches.empty(); }
};

[[nodiscard]] Verdict judge(const Evidence& evidence);

// SHA-256 over the plans' digests, sorted, a line each.
[[nodiscard]] std::string digest_over(const std::map<std::int64_t, std::string>& digests);

}  // namespace systask::peers::drill
