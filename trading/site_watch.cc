#include "trading/site_watch.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/log.h"

namespace systask::trading {
namespace {

double seconds(SiteWatch::Duration duration) {
  return std::chrono::duration<double>{duration}.count();
}

constexpr int kGapsKnown = 16;         // before the rhythm of a site says anything
constexpr double kForgets = 1.0 / 32;  // the weight of the newest gap
constexpr double kDeviations = 5.6;    // phi 8: one in 10^8 of normally distributed gaps is longer

}  // namespace

void SiteWatch::Rhythm::heard(MonotonicPoint now, Duration apart) {
  if (!sign) {
    sign = now;
    return;
  }
  const Duration gap = now - *sign;
  if (gap < apart) return;
  sign = now;
  const auto us = static_cast<double>(std::chrono::duration_cast<Micros>(gap).count());
  ++gaps;
  const double weight = std::max(1.0 / gaps, kForgets);
  const double off = us - mean_us;
  mean_us += weight * off;
  variance = (1 - weight) * (variance + weight * off * off);
}

SiteWatch::Duration SiteWatch::patience_with(const Lease& lease) const {
  if (lease.rhythm.gaps < kGapsKnown) return limits_.site_timeout;
  const double deviation = std::max(
      std::sqrt(lease.rhythm.variance),
      static_cast<double>(std::chrono::duration_cast<Micros>(limits_.heartbeat).count()) / 4);
  const Micros patience{static_cast<std::int64_t>(lease.rhythm.mean_us + kDeviations * deviation)};
  return std::clamp<Duration>(patience, limits_.suspect_after, limits_.site_timeout);
}

void SiteWatch::begin(MonotonicPoint now) {
  table_.with([&](Table& table) { table.looked = now; });
}

void SiteWatch::connected(SessionId session, MonotonicPoint now) {
  table_.with([&](Table& table) { table.leases[session] = {State::kConnected, now, now, {}, {}}; });
}

void SiteWatch::expected(SessionId session, MonotonicPoint now) {
  table_.with([&](Table& table) { table.leases[session] = {State::kExpected, now, now, {}, {}}; });
}

void SiteWatch::heard(SessionId session, MonotonicPoint now) {
  table_.with([&](Table& table) {
    const auto it = table.leases.find(session);
    if (it == table.leases.end()) return;
    it->second.heard = now;
    it->second.rhythm.heard(now, limits_.heartbeat / 2);
  });
}

void SiteWatch::disconnected(SessionId session, MonotonicPoint now) {
  table_.with([&](Table& table) {
    const auto it = table.leases.find(session);
    if (it == table.leases.end() || it->second.state != State::kConnected) return;
    it->second.state = State::kDisconnected;
    it->second.since = now;
  });
}

void SiteWatch::forget(SessionId session) {
  table_.with([&](Table& table) { table.leases.erase(session); });
}

void SiteWatch::still_lost(const Lost& lost, MonotonicPoint now) {
  table_.with([&](Table& table) {
    // Where it is known again, a login has made up for it.
    table.leases.try_emplace(lost.session,
                             Lease{State::kLost, now - lost.since_heard, now, {}, lost.why});
  });
}

SiteWatch::Duration SiteWatch::stall(const Table& table, MonotonicPoint now) const {
  const Duration gap = table.looked ? now - *table.looked : Duration{0};
  return gap > limits_.stall ? gap : Duration{0};
}

void SiteWatch::forgive_stall(Table& table, MonotonicPoint now) const {
  const Duration gap = stall(table, now);
  table.looked = now;
  if (gap == Duration{0}) return;
  log::warn("we did not look at the sites for too long: every lease is extended by that",
            {{"ms", std::chrono::duration_cast<std::chrono::milliseconds>(gap).count()}});
  table.stalled += gap;
  for (auto& [session, lease] : table.leases) {
    // What was seen since we woke, and not looked at yet, was seen now.
    lease.heard = std::min(lease.heard + gap, now);
    lease.since = std::min(lease.since + gap, now);
    lease.rhythm.sign.reset();  // how long it really was silent, nobody knows
  }
}

bool SiteWatch::all_silent(const Table& table, MonotonicPoint now) const {
  std::size_t connected = 0;
  for (const auto& [session, lease] : table.leases) {
    if (lease.state != State::kConnected) continue;
    // Whoever is well is heard within a heartbeat, so one that is not tells nothing yet.
    if (now - lease.heard <= limits_.heartbeat * 3 / 2) return false;
    ++connected;
  }
  return connected > 1;  // one alone tells nothing about us
}

std::optional<std::string> SiteWatch::verdict(const Lease& lease, Duration patience,
                                              MonotonicPoint now) const {
  switch (lease.state) {
    case State::kConnected:
      if (now - lease.heard <= patience) return std::nullopt;
      return fmt::format("silent for {:.1f} s", seconds(now - lease.heard));
    case State::kDisconnected:
      if (now - lease.since < limits_.site_grace) return std::nullopt;
      return "connection closed";
    case State::kExpected:
      if (now - lease.since < limits_.start_grace) return std::nullopt;
      return "did not come back after our start";
    case State::kLost: return lease.why;
  }
  return std::nullopt;
}

std::vector<SiteWatch::Lost> SiteWatch::look(MonotonicPoint now) {
  return table_.with([&](Table& table) {
    forgive_stall(table, now);
    return lost(table, now);
  });
}

std::vector<SiteWatch::Lost> SiteWatch::glance(MonotonicPoint now) {
  return table_.with([&](Table& table) {
    return stall(table, now) > Duration{0} ? std::vector<Lost>{} : lost(table, now);
  });
}

std::vector<SiteWatch::Lost> SiteWatch::lost(Table& table, MonotonicPoint now) {
  const bool hold = all_silent(table, now);
  std::vector<Lost> lost;
  bool held = false;
  for (const auto& [session, lease] : table.leases) {
    const bool silent = lease.state == State::kConnected;
    const Duration patience = patience_with(lease);
    auto why = verdict(lease, patience, now);
    if (why && silent && hold) {
      held = true;
      why = verdict(lease, limits_.site_timeout + limits_.hold_max, now);
    }
    if (why) lost.push_back({session, std::move(*why), now - lease.heard});
  }
  if (held && !table.held) {
    ++times_held_;
    log::error("all sites fell silent at once: suspecting ourselves, takeovers are held",
               {{"hold_ms", limits_.hold_max.count()}});
  }
  holding_ = table.held = held;
  return lost;
}

MonotonicPoint SiteWatch::awake(MonotonicPoint now) const {
  return table_.with([&](const Table& table) { return now - table.stalled - stall(table, now); });
}

bool SiteWatch::is_connected(SessionId session) const {
  return table_.with([&](const Table& table) {
    const auto it = table.leases.find(session);
    return it != table.leases.end() && it->second.state == State::kConnected;
  });
}

std::optional<SiteWatch::Duration> SiteWatch::silent_for(SessionId session,
                                                         MonotonicPoint now) const {
  return table_.with([&](const Table& table) -> std::optional<Duration> {
    const auto it = table.leases.find(session);
    if (it == table.leases.end()) return std::nullopt;
    return now - it->second.heard;
  });
}

}  // namespace systask::trading
