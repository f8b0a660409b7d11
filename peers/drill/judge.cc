#include "peers/drill/judge.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <unordered_map>

#include "peers/drill/tenure.h"
#include "peers/link/secrets.h"

namespace systask::peers::drill {
namespace {

// Judges one plan and adds what it finds to the verdict.
class PlanJudge {
 public:
  PlanJudge(const Evidence& evidence, std::int64_t plan, const std::vector<Tenure>& tenures,
            Verdict& verdict)
      : evidence_(evidence), plan_(plan), tenures_(tenures), verdict_(verdict) {}

  void judge() {
    judge_tenures();
    judge_succession();
    collect_events();
    if (!evidence_.flow_spoke) return;
    judge_order();
    judge_totals();
    judge_digests();
  }

 private:
  struct Event {
    std::int64_t seq;
    const SiteLine* line;
  };

  void breach(Fault fault, std::int64_t seq, std::string message_id, std::string detail) {
    verdict_.breaches.push_back({fault, plan_, seq, std::move(message_id), std::move(detail)});
  }
  void lost(std::int64_t count, std::int64_t seq, std::string id, std::string detail) {
    verdict_.lost += count;
    lost_here_ += count;
    breach(Fault::kLost, seq, std::move(id), std::move(detail));
  }
  void doubled(std::int64_t count, std::int64_t seq, std::string id, std::string detail) {
    verdict_.doubled += count;
    doubled_here_ += count;
    breach(Fault::kDoubled, seq, std::move(id), std::move(detail));
  }
  static std::string who(const Tenure& tenure) {
    return fmt::format("site {} (process {}, epoch {})", tenure.process->site,
                       tenure.process->process, tenure.epoch);
  }

  void judge_tenures();
  void judge_succession();
  void collect_events();
  void judge_order();
  void judge_hidden(const Event& before, std::size_t before_index, const Event& after,
                    std::size_t after_index);
  void judge_tail(const Event& before, const std::vector<std::string>& ids, std::size_t next);
  void judge_totals();
  void judge_end(const PlatformPlan& platform);
  void judge_digests();
  [[nodiscard]] std::optional<std::int64_t> own_skipped(std::int64_t last) const;

  const Evidence& evidence_;
  std::int64_t plan_;
  const std::vector<Tenure>& tenures_;
  Verdict& verdict_;
  std::map<std::int64_t, const SiteLine*> by_seq_;  // E, K, C: what each number was
  std::int64_t lost_here_ = 0;
  std::int64_t doubled_here_ = 0;
};

// Within a tenure numbers go up by one.
void PlanJudge::judge_tenures() {
  const Tenure* before = nullptr;
  for (const Tenure& tenure : tenures_) {
    // A process that kept its state over a new epoch goes on where it was.
    const bool goes_on =
        tenure.rebuilt == nullptr && before != nullptr && before->process == tenure.process;
    std::int64_t last = goes_on ? before->last_seen() : tenure.before_first();
    before = &tenure;
    for (const SiteLine* line : tenure.line) {
      if (line->seq == last + 1) {
        last = line->seq;
      } else if (line->seq <= last) {
        doubled(1, line->seq, line->text,
                fmt::format("{} applied number {} after {}", who(tenure), line->seq, last));
      } else {
        breach(Fault::kGap, line->seq, line->text,
               fmt::format("{} applied number {} after {}: those between never came", who(tenure),
                           line->seq, last));
        last = line->seq;
      }
    }
  }
}

// Who takes over knows all that any site before it has seen.
void PlanJudge::judge_succession() {
  std::int64_t seen = 0;
  const Tenure* before = nullptr;
  for (const Tenure& tenure : tenures_) {
    if (before != nullptr && before->epoch == tenure.epoch)
      breach(Fault::kAccount, 0, {},
             fmt::format("{} and {} had the plan in one epoch", who(*before), who(tenure)));
    if (tenure.rebuilt != nullptr && tenure.rebuilt->seq < seen)
      doubled(seen - tenure.rebuilt->seq, tenure.rebuilt->seq, {},
              fmt::format("{} was rebuilt as of number {}, and {} had been applied before: the "
                          "numbers between are applied twice",
                          who(tenure), tenure.rebuilt->seq, seen));
    seen = std::max(seen, tenure.last_seen());
    before = &tenure;
  }
}

void PlanJudge::collect_events() {
  std::unordered_map<std::string_view, std::int64_t> numbers;  // of message ids
  for (const Tenure& tenure : tenures_)
    for (const SiteLine* line : tenure.line) {
      const auto [place, is_new] = by_seq_.try_emplace(line->seq, line);
      const bool same = place->second->kind == line->kind && place->second->text == line->text;
      if (!is_new && !same)
        breach(Fault::kAccount, line->seq, line->text,
               fmt::format("number {} was {} at one site and {} at another", line->seq,
                           place->second->text, line->text));
      if (line->kind != 'E' || !is_new) continue;
      ++verdict_.seen_by_sites;
      const auto [number, first] = numbers.try_emplace(line->text, line->seq);
      if (!first)
        doubled(1, line->seq, line->text,
                fmt::format("the message has number {} already", number->second));
    }
}

// Sites see a plan's messages in the order in which the flow sent them.
void PlanJudge::judge_order() {
  static const std::vector<std::string> kNone;
  const auto sent = evidence_.flow.sent.find(plan_);
  const auto& ids = sent == evidence_.flow.sent.end() ? kNone : sent->second;
  std::unordered_map<std::string_view, std::size_t> index_of;
  for (std::size_t i = 0; i < ids.size(); ++i)
    index_of.emplace(ids[i], i);
  Event before{0, nullptr};
  std::size_t next = 0;  // index of the message that should come
  for (const auto& [seq, line] : by_seq_) {
    if (line->kind != 'E') continue;
    const auto found = index_of.find(line->text);
    if (found == index_of.end()) {
      const auto again = evidence_.flow.resent.find(line->text);
      if (again == evidence_.flow.resent.end())
        breach(Fault::kUnknown, seq, line->text, "the flow never sent this message to this plan");
      else
        doubled(1, seq, line->text,
                fmt::format("a fill sent again under a new id counted again; first it was {}",
                            again->second));
      continue;
    }
    if (found->second < next) {
      ++verdict_.out_of_order;
      breach(Fault::kOutOfOrder, seq, line->text,
             fmt::format("the flow sent it before {}, which has a lower number", ids[next - 1]));
      continue;
    }
    judge_hidden(before, next, {seq, line}, found->second);
    before = {seq, line};
    next = found->second + 1;
  }
  judge_tail(before, ids, next);
}

// The last messages of a plan have no neighbour behind them: they need numbers up to the line's
// end.
void PlanJudge::judge_tail(const Event& before, const std::vector<std::string>& ids,
                           std::size_t next) {
  const auto platform = evidence_.platform.find(plan_);
  if (next >= ids.size() || platform == evidence_.platform.end()) return;
  const auto messages = static_cast<std::int64_t>(ids.size() - next);
  const std::int64_t known = std::distance(by_seq_.upper_bound(before.seq), by_seq_.end());
  const std::int64_t numbers =
      std::max<std::int64_t>(0, platform->second.last - before.seq - known);
  if (messages <= numbers) return;
  lost(messages - numbers, platform->second.last, ids[next],
       fmt::format("{} messages from this one on were sent, and the line ends at {} with only {} "
                   "numbers free for them",
                   messages, platform->second.last, numbers));
}

// Messages that no site saw must at least have a number, between those of their neighbours:
// a site died with them, and its successor was rebuilt with their effect.
void PlanJudge::judge_hidden(const Event& before, std::size_t before_index, const Event& after,
                             std::size_t after_index) {
  const auto known = std::distance(by_seq_.upper_bound(before.seq), by_seq_.find(after.seq));
  const std::int64_t numbers = after.seq - before.seq - 1 - known;
  const auto messages = static_cast<std::int64_t>(after_index - before_index);
  if (messages <= numbers) return;
  const auto& ids = evidence_.flow.sent.at(plan_);
  lost(messages - numbers, after.seq, ids[before_index],
       fmt::format("{} messages from this one on were sent before {}, and only {} numbers are "
                   "free for them",
                   messages, after.line->text, numbers));
}

// How many numbers up to the last had no event, by the sites' account; nothing where no site
// saw the line to its end.
std::optional<std::int64_t> PlanJudge::own_skipped(std::int64_t last) const {
  if (tenures_.empty() || tenures_.back().last_seen() != last) return {};
  const Tenure& final = tenures_.back();
  std::int64_t skipped = final.rebuilt != nullptr ? final.rebuilt->skipped : 0;
  for (const SiteLine* line : final.line)
    if (line->kind == 'K') ++skipped;
  return skipped;
}

void PlanJudge::judge_totals() {
  const auto fold = evidence_.folds.find(plan_);
  const auto platform = evidence_.platform.find(plan_);
  if (platform == evidence_.platform.end())
    return breach(Fault::kAccount, 0, {}, "the platform does not know the plan");
  const PlatformPlan& theirs = platform->second;
  judge_end(theirs);
  const auto skipped = own_skipped(theirs.last);
  if (skipped && *skipped != theirs.skipped)
    breach(Fault::kAccount, 0, {},
           fmt::format("sites were told of {} skipped numbers, the platform has {}", *skipped,
                       theirs.skipped));
  const std::int64_t unique = fold == evidence_.folds.end() ? 0 : fold->second.unique;
  const std::int64_t events = theirs.last - evidence_.requests.at(plan_).changes - theirs.skipped;
  // What a single message explains above is not counted again.
  if (unique - events > lost_here_)
    lost(unique - events - lost_here_, theirs.last, {},
         fmt::format("the flow sent {} messages, the line has {} events", unique, events));
  if (events - unique > doubled_here_)
    doubled(events - unique - doubled_here_, theirs.last, {},
            fmt::format("the flow sent {} messages, the line has {} events", unique, events));
}

// The last site must have seen the line to its end, unless it was killed after a plan ended:
// nobody takes such a plan over.
void PlanJudge::judge_end(const PlatformPlan& platform) {
  const std::int64_t seen = tenures_.empty() ? 0 : tenures_.back().last_seen();
  const bool ended = platform.status == "b";
  const bool excused = ended && !tenures_.empty() && tenures_.back().process->disturbed;
  if (seen < platform.last && !excused)
    breach(Fault::kGap, seen + 1, {},
           fmt::format("the line ends at {}, and the last site saw it only to {}", platform.last,
                       seen));
  if (seen > platform.last)
    breach(Fault::kAccount, seen, {},
           fmt::format("a site saw number {}, and the platform's line ends at {}", seen,
                       platform.last));
}

void PlanJudge::judge_digests() {
  static const PlanFold kNothing;
  const auto found = evidence_.folds.find(plan_);
  const PlanFold& fold = found == evidence_.folds.end() ? kNothing : found->second;
  const PlanRequest& request = evidence_.requests.at(plan_);
  const std::string own = digest_of(plan_, request, fold);
  verdict_.digests[plan_] = own;
  const auto platform = evidence_.platform.find(plan_);
  if (platform == evidence_.platform.end()) return;
  const std::string status(1, expected_status(request, fold));
  if (platform->second.status != status)
    breach(Fault::kStatus, 0, {},
           fmt::format("the plan's status is {}, expected {}", platform->second.status, status));
  if (platform->second.digest != own)
    breach(Fault::kDigest, platform->second.last, {},
           fmt::format("the platform's digest is {}, expected {}", platform->second.digest, own));
  const Tenure* final = tenures_.empty() ? nullptr : &tenures_.back();
  if (final != nullptr && final->digest != nullptr) {
    ++verdict_.compared_at_sites;
    if (final->digest->text != own)
      breach(Fault::kDigest, final->digest->seq, {},
             fmt::format("the digest of {} is {}, expected {}", who(*final), final->digest->text,
                         own));
  } else if (platform->second.status != "b") {
    breach(Fault::kAccount, 0, {}, "no site has the plan at the end");
  }
}

}  // namespace

std::string_view name_of(Fault fault) {
  switch (fault) {
    case Fault::kLost: return "lost";
    case Fault::kDoubled: return "doubled";
    case Fault::kOutOfOrder: return "out of order";
    case Fault::kGap: return "gap";
    case Fault::kUnknown: return "unknown message";
    case Fault::kDigest: return "digest";
    case Fault::kStatus: return "status";
    case Fault::kAccount: return "account";
  }
  return "account";
}

std::string digest_over(const std::map<std::int64_t, std::string>& digests) {
  std::vector<std::string> sorted;
  sorted.reserve(digests.size());
  for (const auto& [plan, digest] : digests)
    sorted.push_back(digest);
  std::ranges::sort(sorted);
  std::string text;
  for (const std::string& digest : sorted)
    text += digest + "\n";
  return sha256(text);
}

Verdict judge(const Evidence& evidence) {
  static const std::vector<Tenure> kNone;
  Verdict verdict;
  const auto tenures = tenures_of(evidence.sites);
  for (const auto& [plan, request] : evidence.requests) {
    const auto found = tenures.find(plan);
    PlanJudge{evidence, plan, found == tenures.end() ? kNone : found->second, verdict}.judge();
  }
  verdict.digest = digest_over(verdict.digests);
  return verdict;
}

}  // namespace systask::peers::drill
