// A model of how a plan changes hands: two sites, one plan, three messages; offer, pages, claim,
// cached messages, finish, and everything that can go wrong between them, at most three times.
// The rules are docs/protocol.md's and R3-R8's, in their own few lines; the code of trading/ is
// not used. explore() visits every state that can be reached. Values; one thread.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace systask::model {

inline constexpr int kMessages = 3;
inline constexpr int kTroubles = 3;

// What may be left out of the rules, to see that the search notices.
enum class Mistake {
  kNone,
  kFinishWithoutCacheCheck,
  kFinishWithoutNumberCheck,
  kClaimWithoutEpoch,
  kClaimWithoutLiveSession,
  kSecondClaimWins,
  kEpochNeverRaised,
  kReplayFromSnapshotItself,
  kReplayWithoutFence,
  kDeletedBeforeApplied,
  kAppliedWhileAbnormal,
  kPlaceWithoutEpoch,
  kSkipNotPushed,
  kResumeFromTheStart,
};

enum class Phase : std::uint8_t { kRuns, kWaiting, kOffered, kReplaying };
enum class Stage : std::uint8_t { kNothing, kAsked, kBuilt, kReplaying, kRuns };

struct Push {
  std::uint8_t epoch = 0;
  std::uint8_t number = 0;
  bool again = false;  // a resumed site may have it already

  friend auto operator<=>(const Push&, const Push&) = default;
};

// A site as its own process sees itself, also when it is long lost.
struct SiteState {
  bool live = true;          // its session, in the platform's table
  std::uint8_t session = 1;  // in that table; grows with each login
  std::uint8_t speaks = 1;   // the session that the process believes in; 0: it is dead
  Stage stage = Stage::kNothing;
  std::uint8_t epoch = 0;
  std::uint8_t through = 0;  // the last number it has; of a built plan, the snapshot
  std::uint8_t offered = 0;  // the epoch of an offer on its way
  std::vector<Push> wire;    // pushed, not yet received

  friend auto operator<=>(const SiteState&, const SiteState&) = default;
};

struct State {
  Phase phase = Phase::kRuns;
  std::uint8_t epoch = 1;
  std::int8_t owner = 0;   // the site; -1: none
  std::uint8_t asked = 0;  // a bit for each site that was asked to rebuild it in this epoch
  std::uint8_t owner_session = 1;
  std::uint8_t sent = 0;     // messages that the feed has published
  std::uint8_t last = 0;     // numbers given
  std::uint8_t applied = 0;  // numbers applied
  std::uint8_t cache = 0;    // a bit for each number that waits
  std::uint8_t done = 0;     // a bit for each number that had its effect
  std::uint8_t troubles = 0;
  std::array<SiteState, 2> sites;

  friend auto operator<=>(const State&, const State&) = default;
};

struct Found {
  std::size_t states = 0;
  std::size_t steps = 0;
  std::string breach;              // empty: every rule holds in every state
  std::vector<std::string> story;  // how it comes to the breach, from the start
};

Found explore(Mistake mistake);

}  // namespace systask::model
