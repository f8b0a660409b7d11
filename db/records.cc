#include "db/records.h"

#include "db/statement.h"
#include "db/unit_of_work.h"

namespace systask::db {
namespace {

using namespace trading;  // NOLINT: this file is made of trading's types

constexpr std::string_view kBegin =
    "insert into algojr_trecovery (attempt_id, scheme_id, attempt, from_site, to_site, why,"
    " lost_at, noticed_at, offered_at, rebuilt_at, claimed_at, replayed_at, finished_at, replayed,"
    " outcome, site_digest, platform_digest, disagreements, held_ms, moving, move_from, move_to)"
    " values (:id, :plan, :attempt, :from, :to, :why, :lost, :noticed, :offered,"
    " :rebuilt, :claimed, :replayed_at, :finished, :replayed, :outcome, :site_digest,"
    " :platform_digest, :disagreements, :held, :moving, :move_from, :move_to)";

constexpr std::string_view kGoOn =
    "update algojr_trecovery set to_site = :to, offered_at = :offered, rebuilt_at = :rebuilt,"
    " claimed_at = :claimed, replayed_at = :replayed_at, finished_at = :finished,"
    " replayed = :replayed, outcome = :outcome, site_digest = :site_digest,"
    " platform_digest = :platform_digest, disagreements = :disagreements, held_ms = :held,"
    " moving = :moving, move_from = :move_from, move_to = :move_to where attempt_id = :id";

struct RecordStatements {
  explicit RecordStatements(soci::session& sql)
      : begin(sql, kBegin),
        go_on(sql, kGoOn),
        audit(sql,
              "insert into algojr_tauditlog (happened_at, actor, action, object, before_value,"
              " after_value, reason) values (:at, :actor, :action, :object, :before, :after,"
              " :reason)"),
        running(sql,
                "select attempt_id, scheme_id, attempt, from_site, to_site, why, lost_at,"
                " noticed_at, offered_at, rebuilt_at, claimed_at, replayed_at, finished_at,"
                " replayed, outcome, site_digest, platform_digest, disagreements, held_ms, moving,"
                " move_from, move_to from algojr_trecovery where outcome = 'running'"
                " order by attempt_id"),
        last(sql, "select coalesce(max(attempt_id), 0) from algojr_trecovery") {}

  using Maybe = std::optional<TimePoint>;
  Command<AttemptId, PlanId, int, std::string, std::string, std::string, TimePoint, TimePoint,
          Maybe, Maybe, Maybe, Maybe, Maybe, std::int64_t, std::string, std::string, std::string,
          int, std::int64_t, bool, SiteId, SiteId>
      begin;
  Command<std::string, Maybe, Maybe, Maybe, Maybe, Maybe, std::int64_t, std::string, std::string,
          std::string, int, std::int64_t, bool, SiteId, SiteId, AttemptId>
      go_on;
  Command<TimePoint, std::string, std::string, std::string, std::string, std::string, std::string>
      audit;
  Query<Params<>, AttemptId, PlanId, int, std::string, std::string, std::string, TimePoint,
        TimePoint, Maybe, Maybe, Maybe, Maybe, Maybe, std::int64_t, std::string, std::string,
        std::string, int, std::int64_t, bool, SiteId, SiteId>
      running;
  Query<Params<>, AttemptId> last;
};

}  // namespace

// Most are there already: an attempt is begun once, and goes on four times and more.
void Records::put(trading::UnitOfWork& work, const RecoveryAttempt& attempt) {
  auto& statements = prepared<RecordStatements>(work);
  const std::int64_t updated = statements.go_on.run(
      attempt.to_site, attempt.offered_at, attempt.rebuilt_at, attempt.claimed_at,
      attempt.replayed_at, attempt.finished_at, attempt.replayed, attempt.outcome,
      attempt.site_digest, attempt.platform_digest, attempt.disagreements, attempt.held.count(),
      attempt.moving, attempt.move_from, attempt.move_to, attempt.id);
  if (updated == 1) return;
  statements.begin.run(attempt.id, attempt.plan, attempt.attempt, attempt.from_site,
                       attempt.to_site, attempt.why, attempt.lost_at, attempt.noticed_at,
                       attempt.offered_at, attempt.rebuilt_at, attempt.claimed_at,
                       attempt.replayed_at, attempt.finished_at, attempt.replayed, attempt.outcome,
                       attempt.site_digest, attempt.platform_digest, attempt.disagreements,
                       attempt.held.count(), attempt.moving, attempt.move_from, attempt.move_to);
}

void Records::add(trading::UnitOfWork& work, const AuditEntry& entry) {
  prepared<RecordStatements>(work).audit.run(entry.at, entry.actor, entry.action, entry.object,
                                             entry.before, entry.after, entry.reason);
}

std::vector<RecoveryAttempt> Records::running() {
  std::vector<RecoveryAttempt> found;
  using Maybe = RecordStatements::Maybe;
  database_.readers().lease().prepared<RecordStatements>().running.run(
      [&](AttemptId id, PlanId plan, int attempt, std::string from, std::string to, std::string why,
          TimePoint lost, TimePoint noticed, Maybe offered, Maybe rebuilt, Maybe claimed,
          Maybe replayed_at, Maybe finished, std::int64_t replayed, std::string outcome,
          std::string site_digest, std::string platform_digest, int disagreements,
          std::int64_t held, bool moving, SiteId move_from, SiteId move_to) {
        found.push_back({id,
                         plan,
                         attempt,
                         std::move(from),
                         std::move(to),
                         std::move(why),
                         lost,
                         noticed,
                         offered,
                         rebuilt,
                         claimed,
                         replayed_at,
                         finished,
                         replayed,
                         std::move(outcome),
                         std::move(site_digest),
                         std::move(platform_digest),
                         disagreements,
                         std::chrono::milliseconds{held},
                         moving,
                         move_from,
                         move_to});
      });
  return found;
}

AttemptId Records::last_attempt() {
  return database_.readers().lease().prepared<RecordStatements>().last.first().value_or(
      AttemptId{});
}

}  // namespace systask::db
