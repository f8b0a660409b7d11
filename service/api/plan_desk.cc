#include "service/api/plan_desk.h"

#include <utility>

namespace systask::service {

void PlatformDesk::create(trading::NewPlan plan, trading::Answer<trading::CreatedPlan> answer) {
  platform_.create(std::move(plan), std::move(answer));
}

void PlatformDesk::change(trading::PlanId plan, trading::PlanRequest request,
                          trading::Parameters parameters, const std::string& actor,
                          const std::string& reason, trading::Answer<trading::LineNumber> answer) {
  platform_.change(plan, request, std::move(parameters), actor, std::move(answer), reason);
}

void PlatformDesk::view(trading::PlanId plan, trading::Answer<trading::PlanView> answer) {
  platform_.view(plan, std::move(answer));
}

void PlatformDesk::drain(const std::string& site, const std::string& actor,
                         const std::string& reason, trading::Answer<bool> answer) {
  platform_.drain(site, actor, reason, std::move(answer));
}

void PlatformDesk::move(trading::PlanId plan, const std::string& to, const std::string& actor,
                        const std::string& reason, trading::Answer<bool> answer) {
  platform_.move(plan, to, actor, reason, std::move(answer));
}

void PlatformDesk::explain(trading::PlanId plan, trading::Answer<trading::Explained> answer) {
  platform_.explain(plan, std::move(answer));
}

void PlatformDesk::decide(trading::Decision decision, trading::Answer<trading::Decided> answer) {
  platform_.decide(std::move(decision), std::move(answer));
}

void PlatformDesk::quarantined(trading::MessageNo message,
                               trading::Answer<trading::MessageRow> answer) {
  platform_.quarantined(message, std::move(answer));
}

void PlatformDesk::release(trading::PlanId plan, const std::string& actor,
                           const std::string& reason, trading::Answer<bool> answer) {
  platform_.release(plan, actor, reason, std::move(answer));
}

trading::IntakeCounts PlatformDesk::counts() const { return platform_.counts(); }
std::vector<trading::DisputedName> PlatformDesk::disputed_names() const {
  return platform_.disputed_names();
}
std::uint64_t PlatformDesk::replaced_logins() const { return platform_.replaced_logins(); }
trading::OrdersOutView PlatformDesk::orders_out() const { return platform_.orders_out(); }
bool PlatformDesk::takeovers_held() const { return platform_.takeovers_held(); }
std::uint64_t PlatformDesk::times_takeovers_held() const {
  return platform_.times_takeovers_held();
}
std::size_t PlatformDesk::queue_depth() const { return platform_.queue_depth(); }
trading::BusinessDate PlatformDesk::business_date() const { return platform_.business_date(); }

}  // namespace systask::service
