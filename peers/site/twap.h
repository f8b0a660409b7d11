// TWAP: trades each detail's quantity in equal slices over a window of time.
//
// Parameters: `window_seconds`, `slices`, `price`, and optionally `start` (RFC 3339; else
// the plan starts when it is first run, and after a takeover where its orders say it was).
// At the beginning of each slice it orders what is due by then and is neither filled nor
// open: so rejected and cancelled quantity goes out again with the next slice, also after
// the window, and a site that takes over orders nothing twice.
#pragma once

#include "peers/site/strategy.h"

namespace systask::peers {

struct TwapParameters {
  Micros window{};
  std::int64_t slices = 1;
  std::string price;
  TimePoint start{};  // zero: not given

  [[nodiscard]] Micros interval() const { return window / slices; }
  static Result<TwapParameters> read(const Parameters& parameters);
  friend bool operator==(const TwapParameters&, const TwapParameters&) = default;
};

class Twap final : public Strategy {
 public:
  Actions on_event(const PlanView& view, std::string_view topic, TimePoint now) override;
  Actions on_timer(const PlanView& view, TimePoint now) override;

 private:
  Actions slice(const PlanView& view, TimePoint now);

  TwapParameters used_;      // by the slice that was ordered last
  std::int64_t slice_ = -1;  // its index from the start
  TimePoint start_{};        // zero: not known yet
};

}  // namespace systask::peers
