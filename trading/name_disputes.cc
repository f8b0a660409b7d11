#include "trading/name_disputes.h"

#include <algorithm>

namespace systask::trading {

void NameDisputes::logged_in(const std::string& site, const std::string& from) {
  state_.with([&](State& state) { state.names[site].from = from; });
}

void NameDisputes::replaced(const std::string& site, const std::string& by, MonotonicPoint now) {
  state_.with([&](State& state) {
    ++state.replacements;
    Name& name = state.names[site];
    name.from = by;
    name.replaced.push_back(now);
    if (name.replaced.size() > kMost) name.replaced.pop_front();
  });
}

void NameDisputes::refused(const std::string& site, const std::string& from, MonotonicPoint now) {
  state_.with([&](State& state) {
    Name& name = state.names[site];
    if (now - name.refused_at > kWindow) name.refused = 0;
    name.refused_from = from;
    name.refused_at = now;
    ++name.refused;
  });
}

std::string NameDisputes::holder(const std::string& site) const {
  return state_.with([&](const State& state) {
    const auto found = state.names.find(site);
    return found == state.names.end() ? std::string{} : found->second.from;
  });
}

MonotonicPoint::duration NameDisputes::closed_for(const std::string& site,
                                                  MonotonicPoint now) const {
  return state_.with([&](const State& state) {
    const auto found = state.names.find(site);
    if (found == state.names.end() || found->second.replaced.size() < kMost)
      return MonotonicPoint::duration{0};
    const MonotonicPoint::duration left = found->second.replaced.front() + kWindow - now;
    return std::max(left, MonotonicPoint::duration{0});
  });
}

std::vector<DisputedName> NameDisputes::view(MonotonicPoint now) const {
  return state_.with([&](const State& state) {
    std::vector<DisputedName> disputed;
    for (const auto& [site, name] : state.names)
      if (name.refused > 0 && now - name.refused_at <= kWindow)
        disputed.push_back({site, name.from, name.refused_from, name.refused});
    return disputed;
  });
}

std::uint64_t NameDisputes::replacements() const {
  return state_.with([](const State& state) { return state.replacements; });
}

}  // namespace systask::trading
