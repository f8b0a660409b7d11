#include "trading/site_watch.h"

#include <fmt/format.h>

#include "base/log.h"

namespace systask::trading {
namespace {

double seconds(SiteWatch::Duration duration) {
  return std::chrono::duration<double>{duration}.count();
}

}  // namespace

void SiteWatch::connected(SessionId session, MonotonicPoint now) {
  table_.with([&](Table& table) { table.leases[session] = {State::kConnected, now, now}; });
}

void SiteWatch::expected(SessionId session, MonotonicPoint now) {
  table_.with([&](Table& table) { table.leases[session] = {State::kExpected, now, now}; });
}

void SiteWatch::heard(SessionId session, MonotonicPoint now) {
  table_.with([&](Table& table) {
    if (const auto it = table.leases.find(session); it != table.leases.end())
      it->second.heard = now;
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

void SiteWatch::forgive_stall(Table& table, MonotonicPoint now) const {
  const Duration gap = table.looked ? now - *table.looked : Duration{0};
  table.looked = now;
  if (gap <= limits_.stall) return;
  log::warn("we did not look at the sites for too long: every lease is extended by that",
            {{"ms", std::chrono::duration_cast<std::chrono::milliseconds>(gap).count()}});
  for (auto& [session, lease] : table.leases) {
    lease.heard += gap;
    lease.since += gap;
  }
}

bool SiteWatch::all_silent(const Table& table, MonotonicPoint now) const {
  std::size_t connected = 0;
  for (const auto& [session, lease] : table.leases) {
    if (lease.state != State::kConnected) continue;
    if (now - lease.heard <= limits_.site_timeout) return false;
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
  }
  return std::nullopt;
}

std::vector<SiteWatch::Lost> SiteWatch::look(MonotonicPoint now) {
  return table_.with([&](Table& table) {
    forgive_stall(table, now);
    const bool hold = all_silent(table, now);
    if (hold && !table.held)
      log::error("all sites fell silent at once: suspecting ourselves, takeovers are held",
                 {{"hold_ms", limits_.hold_max.count()}});
    table.held = hold;
    const Duration patience = hold ? limits_.site_timeout + limits_.hold_max : limits_.site_timeout;
    std::vector<Lost> lost;
    for (const auto& [session, lease] : table.leases)
      if (auto why = verdict(lease, patience, now))
        lost.push_back({session, std::move(*why), now - lease.heard});
    return lost;
  });
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
