// The SiteWatch knows which logins of sites are alive: when each was last heard, whether
// its connection is closed, and how long a restarted platform still waits for it.
//
// All in monotonic time, all in memory; may be called from any thread. It only tells who
// is lost: marking the session dead and taking the plans away is the worker's business.
//
// How long a site may be silent follows from how regularly it has spoken (phi-accrual: the
// silence that is an accident once in a hundred million times, were its gaps normally
// distributed), but never less than `suspect_after`, by which a site fences itself, and never
// more than `site_timeout`. A stall of our own (the loop that hears the sites has not looked
// for much longer than usual) extends every lease by its length, wherever it lies, and while
// it lasts nobody is lost; when nobody at all is heard, we are the suspect, and nobody is lost
// for silence until `hold_max` has passed. A closed connection counts all the same.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/guarded.h"
#include "trading/types.h"

namespace systask::trading {

class SiteWatch {
 public:
  using Duration = MonotonicPoint::duration;

  struct Limits {
    std::chrono::milliseconds heartbeat{200};
    std::chrono::milliseconds suspect_after{800};
    std::chrono::milliseconds site_timeout{1'000};
    std::chrono::milliseconds site_grace{200};
    std::chrono::milliseconds start_grace{2'000};
    std::chrono::milliseconds hold_max{5'000};
    std::chrono::milliseconds stall{300};  // between two looks: longer is a stall of ours
  };

  struct Lost {
    SessionId session;
    std::string why;       // "connection closed", "silent for 1.0 s"
    Duration since_heard;  // how long ago it was last heard
  };

  explicit SiteWatch(Limits limits) : limits_(limits) {}

  // The platform starts: from here to the first look is a stall like any other.
  void begin(MonotonicPoint now);

  // A login, or its resumption: connected from now on.
  void connected(SessionId session, MonotonicPoint now);
  // Live in the database when the platform started: it has start_grace to come back.
  void expected(SessionId session, MonotonicPoint now);
  void heard(SessionId session, MonotonicPoint now);
  void disconnected(SessionId session, MonotonicPoint now);
  void forget(SessionId session);
  // It was forgotten as lost, and what should follow came to nothing: it is told again.
  void still_lost(const Lost& lost, MonotonicPoint now);

  // Those lost as of now; each is told again at every look until it is forgotten. For the
  // loop that hears the sites, every few tens of milliseconds.
  std::vector<Lost> look(MonotonicPoint now);
  // The same for anybody else: whether that loop stands still is not known from this.
  std::vector<Lost> glance(MonotonicPoint now);

  // Monotonic time that stood still whenever we did: for what must not run out meanwhile.
  [[nodiscard]] MonotonicPoint awake(MonotonicPoint now) const;

  // True while takeovers are held because nobody is heard; and how often that began.
  [[nodiscard]] bool holds() const { return holding_; }
  [[nodiscard]] std::uint64_t times_held() const { return times_held_; }

  // True for a login that is connected now: only such a site is asked to take a plan.
  [[nodiscard]] bool is_connected(SessionId session) const;
  // How long it has been silent; nothing where it is not known.
  [[nodiscard]] std::optional<Duration> silent_for(SessionId session, MonotonicPoint now) const;

 private:
  enum class State { kConnected, kDisconnected, kExpected, kLost };
  // The gaps between signs of life, as averages that forget; frames that follow each other
  // closely count as one sign.
  struct Rhythm {
    std::optional<MonotonicPoint> sign;
    int gaps = 0;
    double mean_us = 0;
    double variance = 0;

    void heard(MonotonicPoint now, Duration apart);
  };
  struct Lease {
    State state = State::kConnected;
    MonotonicPoint heard;
    MonotonicPoint since;  // of the state
    Rhythm rhythm;
    std::string why;  // it was lost before
  };
  struct Table {
    std::map<SessionId, Lease> leases;
    std::optional<MonotonicPoint> looked;  // by the loop that hears the sites
    Duration stalled{0};                   // altogether
    bool held = false;                     // takeovers are held: everybody fell silent at once
  };

  [[nodiscard]] Duration stall(const Table& table, MonotonicPoint now) const;
  void forgive_stall(Table& table, MonotonicPoint now) const;
  std::vector<Lost> lost(Table& table, MonotonicPoint now);
  bool all_silent(const Table& table, MonotonicPoint now) const;
  Duration patience_with(const Lease& lease) const;
  std::optional<std::string> verdict(const Lease& lease, Duration patience,
                                     MonotonicPoint now) const;

  const Limits limits_;
  std::atomic<bool> holding_ = false;
  std::atomic<std::uint64_t> times_held_ = 0;
  Guarded<Table> table_;
};

}  // namespace systask::trading
