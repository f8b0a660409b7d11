// The PlanDesk is what the API asks of trading. Requests may be made from any thread and
// never wait; answers come on the worker's thread, and must not wait either.
#pragma once

#include <string>

#include "trading/platform.h"

namespace systask::service {

class PlanDesk {
 public:
  virtual ~PlanDesk() = default;
  virtual void create(trading::NewPlan plan, trading::Answer<trading::CreatedPlan> answer) = 0;
  virtual void change(trading::PlanId plan, trading::PlanRequest request,
                      trading::Parameters parameters, const std::string& actor,
                      const std::string& reason, trading::Answer<trading::LineNumber> answer) = 0;
  virtual void view(trading::PlanId plan, trading::Answer<trading::PlanView> answer) = 0;
  virtual void drain(const std::string& site, const std::string& actor, const std::string& reason,
                     trading::Answer<bool> answer) = 0;
  virtual void move(trading::PlanId plan, const std::string& to, const std::string& actor,
                    const std::string& reason, trading::Answer<bool> answer) = 0;
  virtual void explain(trading::PlanId plan, trading::Answer<trading::Explained> answer) = 0;
  virtual void decide(trading::Decision decision, trading::Answer<trading::Decided> answer) = 0;
  virtual void quarantined(trading::MessageNo message,
                           trading::Answer<trading::MessageRow> answer) = 0;
  virtual void release(trading::PlanId plan, const std::string& actor, const std::string& reason,
                       trading::Answer<bool> answer) = 0;

  [[nodiscard]] virtual trading::IntakeCounts counts() const = 0;
  [[nodiscard]] virtual trading::OrdersOutView orders_out() const = 0;
  [[nodiscard]] virtual std::vector<trading::DisputedName> disputed_names() const = 0;
  [[nodiscard]] virtual std::uint64_t replaced_logins() const = 0;
  [[nodiscard]] virtual std::size_t queue_depth() const = 0;
  [[nodiscard]] virtual bool takeovers_held() const = 0;
  [[nodiscard]] virtual std::uint64_t times_takeovers_held() const = 0;
  [[nodiscard]] virtual trading::BusinessDate business_date() const = 0;
};

// The desk of a Platform, which must outlive it.
class PlatformDesk final : public PlanDesk {
 public:
  explicit PlatformDesk(trading::Platform& platform) : platform_(platform) {}

  void create(trading::NewPlan plan, trading::Answer<trading::CreatedPlan> answer) override;
  void change(trading::PlanId plan, trading::PlanRequest request, trading::Parameters parameters,
              const std::string& actor, const std::string& reason,
              trading::Answer<trading::LineNumber> answer) override;
  void view(trading::PlanId plan, trading::Answer<trading::PlanView> answer) override;
  void drain(const std::string& site, const std::string& actor, const std::string& reason,
             trading::Answer<bool> answer) override;
  void move(trading::PlanId plan, const std::string& to, const std::string& actor,
            const std::string& reason, trading::Answer<bool> answer) override;
  void explain(trading::PlanId plan, trading::Answer<trading::Explained> answer) override;
  void decide(trading::Decision decision, trading::Answer<trading::Decided> answer) override;
  void quarantined(trading::MessageNo message,
                   trading::Answer<trading::MessageRow> answer) override;
  void release(trading::PlanId plan, const std::string& actor, const std::string& reason,
               trading::Answer<bool> answer) override;
  [[nodiscard]] trading::IntakeCounts counts() const override;
  [[nodiscard]] trading::OrdersOutView orders_out() const override;
  [[nodiscard]] std::vector<trading::DisputedName> disputed_names() const override;
  [[nodiscard]] std::uint64_t replaced_logins() const override;
  [[nodiscard]] std::size_t queue_depth() const override;
  [[nodiscard]] bool takeovers_held() const override;
  [[nodiscard]] std::uint64_t times_takeovers_held() const override;
  [[nodiscard]] trading::BusinessDate business_date() const override;

 private:
  trading::Platform& platform_;
};

}  // namespace systask::service
