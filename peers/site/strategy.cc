#include "peers/site/strategy.h"

#include "peers/site/twap.h"

namespace systask::peers {
namespace {

// Keeps the state of orders that others placed; a client's request is done as it comes.
class Follow final : public Strategy {
 public:
  Actions on_event(const PlanView& view, std::string_view, TimePoint now) override {
    return on_timer(view, now);
  }
  Actions on_timer(const PlanView& view, TimePoint) override {
    const std::string_view request = request_of(view.state.status());
    return request.empty() ? Actions{} : Actions{Done{request}};
  }
};

}  // namespace

std::unique_ptr<Strategy> make_strategy(std::string_view name) {
  if (name == "twap") return std::make_unique<Twap>();
  if (name == "follow") return std::make_unique<Follow>();
  return nullptr;
}

std::string_view request_of(char status) {
  switch (status) {
    case '1': return "start";
    case '4': return "pause";
    case '7': return "resume";
    case '9': return "cancel";
    case 'g': return "expire";
    default: return {};
  }
}

}  // namespace systask::peers
