// The drill's own account of a plan: what the flow says it reported and what the drill
// itself asked for, and the digest that follows from them (docs/protocol.md section 6).
// Nothing of it comes from the platform's state. Values; pure.
#pragma once

#include <boost/json/fwd.hpp>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace systask::peers::drill {

struct TotalLine {
  std::int64_t market = 0;
  std::string security;
  std::int64_t direction = 0;
  std::int64_t ordered = 0;
  std::int64_t filled = 0;
  std::string amount;
};

struct OpenLine {
  std::int64_t market = 0;
  std::string number;
  std::string algo_ordid;
  std::int64_t direction = 0;
  std::int64_t quantity = 0;
  std::int64_t filled = 0;
  std::string state;
};

// The flow's fold of one plan.
struct PlanFold {
  std::int64_t unique = 0;
  std::vector<TotalLine> totals;
  std::vector<OpenLine> open;
};

// By plan, out of the file that the flow writes. Throws where it is not that file.
[[nodiscard]] std::map<std::int64_t, PlanFold> read_folds(const std::string& path);

// What the drill asked of the platform.
struct PlanRequest {
  std::map<std::string, std::string> parameters;  // with every change that was accepted
  std::int64_t changes = 1;                       // numbers they took; the start is one
  struct Detail {
    std::int64_t market = 0;
    std::string security;
    std::int64_t direction = 0;
    std::int64_t quantity = 0;  // 0: no target
  };
  std::vector<Detail> details;
};

// The status that the plan must have come to: completed where it had a target and the flow
// filled all of it, else running.
[[nodiscard]] char expected_status(const PlanRequest& request, const PlanFold& fold);

// The text that the digest is of, line by line, and the digest.
[[nodiscard]] std::string digest_text(std::int64_t plan, const PlanRequest& request,
                                      const PlanFold& fold);
[[nodiscard]] std::string digest_of(std::int64_t plan, const PlanRequest& request,
                                    const PlanFold& fold);

}  // namespace systask::peers::drill
