// NameDisputes knows which sites' names are used by two processes at once: each login of one throws
// the other out, and their plans change hands each time.
//
// A login that replaces one which was heard just now is counted. With kMost of them within kWindow
// the next is refused, until the window has room again: so two processes cost some takeovers, not
// one a second. Any thread may call it.
#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/guarded.h"
#include "trading/platform.h"

namespace systask::trading {

class NameDisputes {
 public:
  static constexpr std::chrono::seconds kWindow{60};
  static constexpr std::size_t kMost = 3;

  // The name is logged in from there.
  void logged_in(const std::string& site, const std::string& from);
  // A login from there threw out one that was well.
  void replaced(const std::string& site, const std::string& by, MonotonicPoint now);
  void refused(const std::string& site, const std::string& from, MonotonicPoint now);

  // From where the name was logged in last; "" where that is not known.
  [[nodiscard]] std::string holder(const std::string& site) const;
  // How long no further login may replace one that is well; 0: one may.
  [[nodiscard]] MonotonicPoint::duration closed_for(const std::string& site,
                                                    MonotonicPoint now) const;

  // Names of which a login was refused within the window.
  [[nodiscard]] std::vector<DisputedName> view(MonotonicPoint now) const;
  [[nodiscard]] std::uint64_t replacements() const;

 private:
  struct Name {
    std::string from;                     // of the login that has it
    std::deque<MonotonicPoint> replaced;  // within the window; at most kMost
    std::string refused_from;
    MonotonicPoint refused_at;
    std::int64_t refused = 0;  // since the dispute began
  };
  struct State {
    std::map<std::string, Name> names;
    std::uint64_t replacements = 0;
  };

  Guarded<State> state_;
};

}  // namespace systask::trading
