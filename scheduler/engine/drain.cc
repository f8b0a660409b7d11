#include "scheduler/engine/drain.h"

#include <fmt/format.h>

#include <algorithm>

#include "scheduler/when/duration.h"

namespace systask::scheduler {
namespace {

using namespace std::chrono_literals;

constexpr Micros kHurriedGrace = 2s;
constexpr std::size_t kMostNamed = 5;

MonotonicPoint asked_by(const DrainBody& body, const DrainRules& rules) {
  if (body.asked_at) return *body.asked_at;
  const MonotonicPoint by = rules.since + body.spec.special().stop_timeout.value_or(rules.timeout);
  return rules.hurries > 0 ? std::min(by, rules.hurried_at) : by;
}

MonotonicPoint given_up_by(const DrainBody& body, const DrainRules& rules) {
  const MonotonicPoint asked = asked_by(body, rules);
  const MonotonicPoint by = asked + body.spec.timeout_grace;
  if (rules.hurries == 0) return by;
  if (rules.hurries > 1) return std::min(by, rules.hurried_at);
  return std::min(by, std::max(asked, rules.hurried_at) + kHurriedGrace);
}

}  // namespace

DrainDecision decide_drain(const DrainBody& body, const DrainRules& rules, MonotonicPoint now) {
  DrainDecision decision{.given_up = given_up_by(body, rules)};
  if (body.asked_at) {
    decision.step = now >= decision.given_up ? DrainStep::kGiveUp : DrainStep::kWait;
    decision.until = decision.given_up;
    return decision;
  }
  decision.until = asked_by(body, rules);
  decision.step = now >= decision.until ? DrainStep::kAsk : DrainStep::kWait;
  return decision;
}

std::string who_runs(std::span<const DrainBody> bodies, const DrainRules& rules,
                     MonotonicPoint now) {
  std::string text;
  for (const DrainBody& body : bodies.first(std::min(bodies.size(), kMostNamed))) {
    const auto left = std::chrono::ceil<std::chrono::seconds>(given_up_by(body, rules) - now);
    text += fmt::format("{}{} (run {}{}, {} more)", text.empty() ? "" : ", ", body.spec.name,
                        body.run.value(), body.asked_at ? ", asked to stop" : "",
                        format_duration(std::max<Micros>(left, 0s)));
  }
  if (bodies.size() > kMostNamed) text += fmt::format(" and {} others", bodies.size() - kMostNamed);
  return text;
}

}  // namespace systask::scheduler
