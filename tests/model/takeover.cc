#include "tests/model/takeover.h"

#include <algorithm>
#include <deque>
#include <map>
#include <utility>

namespace systask::model {
namespace {

// One step: what happens, what the state is then, and what rule the step itself breaks.
struct Step {
  std::string what;
  State to;
  std::string breach;
};

class Rules {
 public:
  explicit Rules(Mistake mistake) : mistake_(mistake) {}

  std::vector<Step> steps(const State& from) {
    steps_.clear();
    from_ = &from;
    feed();
    offer();
    if (from.phase == Phase::kOffered || from.phase == Phase::kReplaying) {
      trouble("the rebuild takes too long", [&](State& s) { take_back(s); });
      if (hangs())
        add("the rebuild hangs: the plan is taken back", [&](State& s) {
          take_back(s);
          return std::string{};
        });
    }
    for (int i = 0; i < 2; ++i) {
      life_of(i);
      receive(i);
      rebuild(i);
      claim(i);
      replay(i);
      finish(i);
      place(i);
    }
    return std::move(steps_);
  }

 private:
  [[nodiscard]] bool is(Mistake mistake) const { return mistake_ == mistake; }
  static std::string name(int site) { return site == 0 ? "site A" : "site B"; }
  static std::uint8_t bit(int number) { return static_cast<std::uint8_t>(1U << number); }

  template <class Change>
  void add(std::string what, Change&& change) {
    Step step{std::move(what), *from_, ""};
    step.breach = change(step.to);
    steps_.push_back(std::move(step));
  }
  template <class Change>
  void trouble(std::string what, Change&& change) {
    if (from_->troubles == kTroubles) return;
    add(std::move(what), [&](State& s) {
      ++s.troubles;
      change(s);
      return std::string{};
    });
  }

  // Every request carries (session, plan, epoch).
  [[nodiscard]] bool fenced(int i) const {
    const SiteState& site = from_->sites[static_cast<std::size_t>(i)];
    return from_->owner == i && from_->owner_session == site.speaks && site.live &&
           from_->epoch == site.epoch;
  }
  void apply(State& s, int number) const {
    s.applied = static_cast<std::uint8_t>(number);
    s.done |= bit(number);
  }
  static void push(State& s, int number, bool again = false) {
    if (s.owner < 0) return;
    SiteState& site = s.sites[static_cast<std::size_t>(s.owner)];
    if (site.speaks == s.owner_session)
      site.wire.push_back({s.epoch, static_cast<std::uint8_t>(number), again});
  }

  void feed() {
    if (from_->sent == kMessages) return;
    add("a message arrives", [&](State& s) -> std::string {
      ++s.sent;
      const int number = ++s.last;
      if (s.phase != Phase::kRuns && !is(Mistake::kAppliedWhileAbnormal)) {
        s.cache |= bit(number);
        return "";
      }
      const bool breaks = s.phase != Phase::kRuns;
      apply(s, number);
      push(s, number);
      return breaks ? "R4: a message was applied while the plan is abnormal" : "";
    });
  }

  // The plan is without a site, and what anybody was told of it before is stale.
  void take_back(State& s) const {
    s.phase = Phase::kWaiting;
    s.owner = -1;
    s.owner_session = 0;
    s.asked = 0;
    if (!is(Mistake::kEpochNeverRaised)) ++s.epoch;
  }
  void lose(State& s, int i) const {
    s.sites[static_cast<std::size_t>(i)].live = false;
    if (s.owner == i) return take_back(s);
    if ((s.asked & bit(i)) == 0) return;
    s.asked &= static_cast<std::uint8_t>(~bit(i));
    if (s.asked == 0) take_back(s);
  }
  // Nobody is on the way to having the plan: in time the platform notices.
  [[nodiscard]] bool hangs() const {
    for (int i = 0; i < 2; ++i) {
      const SiteState& site = from_->sites[static_cast<std::size_t>(i)];
      const bool concerned = from_->owner == i || (from_->asked & bit(i)) != 0;
      if (!concerned || !site.live) continue;
      if (site.speaks != site.session) return false;  // it is found dead, first
      const bool won =
          site.stage == Stage::kBuilt && from_->owner == i && from_->epoch == site.epoch + 1;
      if (site.offered == from_->epoch || won) return false;
      if (site.stage != Stage::kNothing && site.epoch == from_->epoch) return false;
    }
    return true;
  }

  void life_of(int i) {
    const SiteState& site = from_->sites[static_cast<std::size_t>(i)];
    if (site.live) trouble(name(i) + " is given up: it is silent", [&](State& s) { lose(s, i); });
    if (site.live && site.speaks != site.session)
      add(name(i) + " is found dead", [&](State& s) {
        lose(s, i);
        return std::string{};
      });
    if (site.speaks != 0)
      trouble(name(i) + " is killed", [&](State& s) {
        SiteState& dead = s.sites[static_cast<std::size_t>(i)];
        dead = {dead.live, dead.session, 0, Stage::kNothing, 0, 0, 0, {}};
      });
    if (site.speaks == site.session && site.live)
      trouble(name(i) + " loses its connection and resumes", [&](State& s) { resume(s, i); });
    if (site.speaks == site.session && site.live) return;
    add(name(i) + " logs in anew", [&](State& s) {
      lose(s, i);
      SiteState& fresh = s.sites[static_cast<std::size_t>(i)];
      const auto session = static_cast<std::uint8_t>(fresh.session + 1);
      fresh = {true, session, session, Stage::kNothing, 0, 0, 0, {}};
      return std::string{};
    });
  }

  // It says what it has, and gets what follows.
  void resume(State& s, int i) const {
    SiteState& site = s.sites[static_cast<std::size_t>(i)];
    site.wire.clear();
    const bool still = s.owner == i && s.owner_session == site.speaks;
    if ((s.asked & bit(i)) != 0) {
      if (site.stage == Stage::kNothing) site.offered = s.epoch;
      return;
    }
    const bool built = site.stage == Stage::kBuilt && still && s.phase == Phase::kReplaying;
    if (built) return;  // it asks for its claim again
    if (!still || site.epoch != s.epoch) {
      site.stage = Stage::kNothing;
      return;
    }
    if (site.stage != Stage::kRuns && site.stage != Stage::kReplaying) return;
    const int after = is(Mistake::kResumeFromTheStart) ? -1 : site.through;
    for (int n = after + 1; n <= s.applied; ++n)
      push(s, n, !is(Mistake::kResumeFromTheStart));
  }

  // More than one site may be asked in one epoch.
  void offer() {
    if (from_->phase != Phase::kWaiting && from_->phase != Phase::kOffered) return;
    for (int i = 0; i < 2; ++i)
      if (from_->sites[static_cast<std::size_t>(i)].live && (from_->asked & bit(i)) == 0)
        add("the plan is offered to " + name(i), [&](State& s) {
          SiteState& site = s.sites[static_cast<std::size_t>(i)];
          s.phase = Phase::kOffered;
          s.asked |= bit(i);
          if (site.speaks == site.session) site.offered = s.epoch;
          return std::string{};
        });
  }

  void receive(int i) {
    const SiteState& site = from_->sites[static_cast<std::size_t>(i)];
    if (site.offered != 0)
      add(name(i) + " hears that it is asked", [&](State& s) {
        SiteState& asked = s.sites[static_cast<std::size_t>(i)];
        asked.stage = Stage::kAsked;
        asked.epoch = std::exchange(asked.offered, std::uint8_t{0});
        return std::string{};
      });
    if (site.wire.empty()) return;
    add(name(i) + " gets number " + std::to_string(site.wire.front().number),
        [&](State& s) -> std::string {
          SiteState& gets = s.sites[static_cast<std::size_t>(i)];
          const Push push = gets.wire.front();
          gets.wire.erase(gets.wire.begin());
          const bool mine = gets.stage == Stage::kRuns || gets.stage == Stage::kReplaying;
          if (!mine || push.epoch != gets.epoch) return "";
          if (push.number <= gets.through)
            return push.again ? "" : "R3: a number is pushed twice to one site";
          if (push.number != gets.through + 1) return "R3: a site's line has a hole";
          gets.through = push.number;
          return "";
        });
  }

  void rebuild(int i) {
    const SiteState& site = from_->sites[static_cast<std::size_t>(i)];
    if (site.stage != Stage::kAsked) return;
    const bool asked = from_->phase == Phase::kOffered && (from_->asked & bit(i)) != 0 &&
                       from_->epoch == site.epoch && site.speaks == site.session;
    if (!asked) return drop(i, "reads pages");
    add(name(i) + " has read the pages", [&](State& s) {
      SiteState& built = s.sites[static_cast<std::size_t>(i)];
      built.stage = Stage::kBuilt;
      built.through = s.applied;
      return std::string{};
    });
  }

  void drop(int i, const std::string& asked) {
    add(name(i) + " " + asked + " and is told that it is stale", [&](State& s) {
      s.sites[static_cast<std::size_t>(i)].stage = Stage::kNothing;
      return std::string{};
    });
  }

  void claim(int i) {
    const SiteState& site = from_->sites[static_cast<std::size_t>(i)];
    if (site.stage != Stage::kBuilt) return;
    const bool won = from_->owner == i && from_->owner_session == site.speaks &&
                     from_->phase == Phase::kReplaying && from_->epoch == site.epoch + 1;
    if (won)
      return add(name(i) + " asks again and learns that it has won",
                 [&](State& s) { return begin_replay(s, i); });
    const bool live = site.live && site.speaks == site.session;
    const bool second = is(Mistake::kSecondClaimWins) && from_->phase == Phase::kReplaying;
    const bool possible =
        (from_->phase == Phase::kOffered || second) &&
        (from_->epoch == site.epoch || second || is(Mistake::kClaimWithoutEpoch)) &&
        (live || is(Mistake::kClaimWithoutLiveSession)) && from_->applied == site.through;
    if (!possible) return drop(i, "claims");
    const auto win = [&, live](State& s) -> std::string {
      s.phase = Phase::kReplaying;
      s.owner = static_cast<std::int8_t>(i);
      s.owner_session = site.speaks;
      s.asked = 0;
      const bool stale = s.epoch != site.epoch;
      if (!is(Mistake::kEpochNeverRaised)) ++s.epoch;
      if (second) return "R5: the second claim wins, too";
      if (stale) return "R6: a claim of a stale epoch wins";
      return live ? "" : "R5: a dead session wins a claim";
    };
    add(name(i) + " claims the plan", [&](State& s) {
      const std::string breach = win(s);
      begin_replay(s, i);
      return breach;
    });
    trouble(name(i) + " claims the plan, and the answer is lost", win);
  }

  static std::string begin_replay(State& s, int i) {
    SiteState& site = s.sites[static_cast<std::size_t>(i)];
    site.stage = Stage::kReplaying;
    site.epoch = s.epoch;
    return "";
  }

  void replay(int i) {
    const SiteState& site = from_->sites[static_cast<std::size_t>(i)];
    if (site.stage != Stage::kReplaying) return;
    const bool mine = fenced(i) && from_->phase == Phase::kReplaying;
    const bool may = mine || (is(Mistake::kReplayWithoutFence) && from_->phase != Phase::kRuns);
    if (!may) return from_->phase == Phase::kRuns && fenced(i) ? void() : drop(i, "asks to replay");
    if (is(Mistake::kReplayFromSnapshotItself) && from_->applied > 0 && from_->cache != 0)
      add(name(i) + " replays the snapshot's own number", [&](State& s) {
        push(s, s.applied);
        return std::string{};
      });
    if (from_->cache == 0) return;
    int oldest = 0;
    while ((from_->cache & bit(oldest)) == 0)
      ++oldest;
    if (is(Mistake::kDeletedBeforeApplied))
      trouble(name(i) + " replays; it is deleted, and the service dies",
              [&](State& s) { s.cache &= static_cast<std::uint8_t>(~bit(oldest)); });
    add(name(i) + " replays number " + std::to_string(oldest), [&](State& s) -> std::string {
      s.cache &= static_cast<std::uint8_t>(~bit(oldest));
      apply(s, oldest);
      // The second message is a repeated fill: it yields a skip.
      const bool unsaid = is(Mistake::kSkipNotPushed) && oldest == 2;
      if (!unsaid) push(s, oldest);
      return mine ? "" : "R6: a stale site replays";
    });
  }

  void finish(int i) {
    const SiteState& site = from_->sites[static_cast<std::size_t>(i)];
    if (site.stage != Stage::kReplaying) return;
    const bool again = from_->phase == Phase::kRuns && fenced(i);
    const bool drained = from_->cache == 0 || is(Mistake::kFinishWithoutCacheCheck);
    const bool told = site.through == from_->applied || is(Mistake::kFinishWithoutNumberCheck);
    const bool may = fenced(i) && from_->phase == Phase::kReplaying && drained && told;
    if (!may && !again) return;
    add(name(i) + " finishes through " + std::to_string(site.through),
        [&, again](State& s) -> std::string {
          s.phase = Phase::kRuns;
          SiteState& runs = s.sites[static_cast<std::size_t>(i)];
          runs.stage = Stage::kRuns;
          const bool behind = !again && runs.through != s.applied;
          return behind ? "R7: it finishes through another number than the last one pushed" : "";
        });
    if (may)
      trouble(name(i) + " finishes, and the answer is lost",
              [](State& s) { s.phase = Phase::kRuns; });
  }

  void place(int i) {
    const SiteState& site = from_->sites[static_cast<std::size_t>(i)];
    if (site.stage != Stage::kRuns || from_->phase != Phase::kRuns) return;
    if (fenced(i) || !is(Mistake::kPlaceWithoutEpoch)) return;  // accepted, or changes nothing
    add(name(i) + " places an order",
        [](State&) { return std::string{"R6: an order of a stale epoch is accepted"}; });
  }

  const Mistake mistake_;
  const State* from_ = nullptr;
  std::vector<Step> steps_;
};

std::string broken_in(const State& s) {
  const int last = s.last;
  for (int n = 1; n <= last; ++n) {
    const bool waits = (s.cache & (1U << n)) != 0;
    if (waits != (n > s.applied)) return "R8: the cache is not what is given and not applied";
    if (((s.done & (1U << n)) != 0) != (n <= s.applied)) return "R3: a number was passed over";
  }
  if (s.phase == Phase::kRuns && s.applied != s.last) return "R7: a message is left behind";
  const auto acts = [](const SiteState& site) {
    return site.stage == Stage::kReplaying || site.stage == Stage::kRuns;
  };
  if (acts(s.sites[0]) && acts(s.sites[1]) && s.sites[0].epoch == s.sites[1].epoch)
    return "R5: two sites have the plan in one epoch";
  if (s.owner >= 0) {
    const SiteState& owner = s.sites[static_cast<std::size_t>(s.owner)];
    if (!owner.live || owner.session != s.owner_session) return "R5: the plan is a dead session's";
  }
  return "";
}

struct Visit {
  int from = -1;
  std::string what;
};

class Search {
 public:
  explicit Search(Mistake mistake) : rules_(mistake) {}

  Found run() {
    State start;
    start.sites[0] = {true, 1, 1, Stage::kRuns, 1, 0, 0, {}};
    visit(start, -1, "the plan runs on site A");
    while (!waiting_.empty() && found_.breach.empty()) {
      const int number = waiting_.front();
      waiting_.pop_front();
      const State from = *states_[static_cast<std::size_t>(number)];
      for (Step& step : rules_.steps(from)) {
        ++found_.steps;
        if (step.breach.empty()) step.breach = broken_in(step.to);
        const int to = visit(step.to, number, step.what);
        back_.emplace_back(to, number);
        if (step.breach.empty()) continue;
        found_.breach = step.breach;
        tell(number);
        found_.story.push_back(step.what);
        break;
      }
    }
    found_.states = states_.size();
    if (found_.breach.empty()) find_stuck();
    return std::move(found_);
  }

 private:
  int visit(const State& state, int from, const std::string& what) {
    const auto [it, first] = known_.try_emplace(state, static_cast<int>(states_.size()));
    if (!first) return it->second;
    states_.push_back(&it->first);
    visits_.push_back({from, what});
    waiting_.push_back(it->second);
    return it->second;
  }

  // From every state the plan can come to run again with nothing left behind.
  void find_stuck() {
    std::vector<std::vector<int>> before(states_.size());
    for (const auto& [to, from] : back_)
      before[static_cast<std::size_t>(to)].push_back(from);
    std::vector<bool> well(states_.size());
    std::deque<int> next;
    for (std::size_t i = 0; i < states_.size(); ++i)
      if (good(*states_[i])) {
        well[i] = true;
        next.push_back(static_cast<int>(i));
      }
    while (!next.empty()) {
      const int at = next.front();
      next.pop_front();
      for (const int from : before[static_cast<std::size_t>(at)])
        if (!well[static_cast<std::size_t>(from)]) {
          well[static_cast<std::size_t>(from)] = true;
          next.push_back(from);
        }
    }
    const auto stuck = std::ranges::find(well, false);
    if (stuck == well.end()) return;
    found_.breach = "R8: the plan can never run again";
    tell(static_cast<int>(stuck - well.begin()));
  }

  // All three messages applied and with the site that runs the plan.
  static bool good(const State& s) {
    if (s.phase != Phase::kRuns || s.last != kMessages || s.owner < 0) return false;
    const SiteState& owner = s.sites[static_cast<std::size_t>(s.owner)];
    return owner.stage == Stage::kRuns && owner.epoch == s.epoch && owner.through == kMessages;
  }

  void tell(int state) {
    for (int at = state; at >= 0; at = visits_[static_cast<std::size_t>(at)].from)
      found_.story.insert(found_.story.begin(), visits_[static_cast<std::size_t>(at)].what);
  }

  Rules rules_;
  Found found_;
  std::map<State, int> known_;
  std::vector<const State*> states_;
  std::vector<Visit> visits_;
  std::vector<std::pair<int, int>> back_;
  std::deque<int> waiting_;
};

}  // namespace

Found explore(Mistake mistake) { return Search{mistake}.run(); }

}  // namespace systask::model
