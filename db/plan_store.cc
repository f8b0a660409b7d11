#include "db/plan_store.h"

#include <unordered_map>

#include "db/statement.h"
#include "db/text_codec.h"
#include "db/unit_of_work.h"

namespace systask::db {
namespace {

using namespace trading;  // NOLINT: this file is made of trading's types

constexpr std::string_view kInsertPlan =
    "insert into algojr_tscheme (scheme_id, business_date, last_date, scheme_name, strategy_name,"
    " environment, scheme_params, scheme_status, saved_status, recover_phase, site_no,"
    " session_no, epoch, last_line, applied_line, skipped_lines, quarantine_reason, created_by,"
    " created_at, status_at, tolerance_percent) values (:scheme_id, :business_date, :last_date, "
    ":scheme_name,"
    " :strategy_name, :environment, :scheme_params, :scheme_status, :saved_status,"
    " :recover_phase, :site_no, :session_no, :epoch, :last_line, :applied_line, :skipped_lines,"
    " :quarantine_reason, :created_by, :created_at, :status_at, :tolerance_percent)";

constexpr std::string_view kUpdatePlan =
    "update algojr_tscheme set business_date = :business_date, last_date = :last_date,"
    " scheme_params = :scheme_params, scheme_status = :scheme_status,"
    " saved_status = :saved_status, recover_phase = :recover_phase, site_no = :site_no,"
    " session_no = :session_no, epoch = :epoch, last_line = :last_line,"
    " applied_line = :applied_line, skipped_lines = :skipped_lines,"
    " quarantine_reason = :quarantine_reason, fail_reason = :fail_reason, status_at = :status_at"
    " where scheme_id = :scheme_id and epoch = :fence";

constexpr std::string_view kAdvancePlan =
    "update algojr_tscheme set last_line = :last_line, applied_line = :applied_line,"
    " skipped_lines = :skipped_lines where scheme_id = :scheme_id and epoch = :fence";

// R5 in one sentence: this plan, this epoch, abnormal, as of this snapshot, and the session
// of the claimant still lives. The columns are set before the epoch they are compared with.
constexpr std::string_view kClaim =
    "update algojr_tscheme set site_no = :site, session_no = :session, epoch = :next,"
    " recover_phase = 'r'"
    " where scheme_id = :plan and epoch = :epoch and scheme_status = 'h'"
    " and applied_line = :snapshot"
    " and exists (select 1 from algojr_tstrategysite s where s.site_no = :site"
    " and s.session_no = :session and s.live = 1)";

constexpr std::string_view kUpdateDetail =
    "update algojr_tschemestock set entrust_amount = :ordered, deal_amount = :filled,"
    " deal_balance = :amount where scheme_id = :plan and market_no = :market"
    " and stock_code = :security and entrust_direction = :side";

constexpr std::string_view kInsertDetail =
    "insert into algojr_tschemestock (scheme_id, market_no, stock_code, entrust_direction,"
    " detail_no, scheme_amount, entrust_amount, deal_amount, deal_balance, planned)"
    " values (:plan, :market, :security, :side,"
    " (select count(*) from algojr_tschemestock d where d.scheme_id = :plan),"
    " :quantity, :ordered, :filled, :amount, :planned)";

struct PlanWrites {
  explicit PlanWrites(soci::session& sql)
      : insert(sql, kInsertPlan),
        update(sql, kUpdatePlan),
        advance(sql, kAdvancePlan),
        claim(sql, kClaim),
        update_detail(sql, kUpdateDetail),
        insert_detail(sql, kInsertDetail) {}

  Command<PlanId, BusinessDate, BusinessDate, std::string, std::string, std::string, std::string,
          PlanStatus, PlanStatus, RecoveryPhase, SiteId, SessionId, Epoch, LineNumber, LineNumber,
          std::int64_t, std::string, std::string, TimePoint, TimePoint, std::int32_t>
      insert;
  Command<BusinessDate, BusinessDate, std::string, PlanStatus, PlanStatus, RecoveryPhase, SiteId,
          SessionId, Epoch, LineNumber, LineNumber, std::int64_t, std::string, std::string,
          TimePoint, PlanId, Epoch>
      update;
  Command<LineNumber, LineNumber, std::int64_t, PlanId, Epoch> advance;
  Command<SiteId, SessionId, Epoch, PlanId, Epoch, LineNumber> claim;
  Command<Quantity, Quantity, AmountTicks, PlanId, Market, std::string, Side> update_detail;
  Command<PlanId, Market, std::string, Side, Quantity, Quantity, Quantity, AmountTicks, bool>
      insert_detail;
};

struct PlanReads {
  explicit PlanReads(soci::session& sql)
      : plans(
            sql,
            "select scheme_id, business_date, last_date, scheme_name, strategy_name,"
            " environment, scheme_params, scheme_status, saved_status, recover_phase, site_no,"
            " session_no, epoch, last_line, applied_line, skipped_lines, quarantine_reason,"
            " fail_reason, created_by, created_at, status_at, tolerance_percent from algojr_tscheme"
            " order by scheme_id"),
        details(sql,
                "select scheme_id, market_no, stock_code, entrust_direction, scheme_amount,"
                " entrust_amount, deal_amount, deal_balance, planned from algojr_tschemestock"
                " order by scheme_id, detail_no"),
        last(sql,
             "select max(coalesce((select max(scheme_id) from algojr_tscheme), 0),"
             " coalesce((select max(scheme_id) from algojr_thisscheme), 0))") {}

  Query<Params<>, PlanId, BusinessDate, BusinessDate, std::string, std::string, std::string,
        std::string, PlanStatus, PlanStatus, RecoveryPhase, SiteId, SessionId, Epoch, LineNumber,
        LineNumber, std::int64_t, std::string, std::string, std::string, TimePoint, TimePoint,
        std::int32_t>
      plans;
  Query<Params<>, PlanId, Market, std::string, Side, Quantity, Quantity, Quantity, AmountTicks,
        bool>
      details;
  Query<Params<>, PlanId> last;
};

void read_plans(PlanReads& reads, std::vector<Plan>& plans) {
  reads.plans.run([&](PlanId id, BusinessDate date, BusinessDate last_date, std::string name,
                      std::string strategy, std::string environment, const std::string& parameters,
                      PlanStatus status, PlanStatus saved_status, RecoveryPhase phase, SiteId site,
                      SessionId session, Epoch epoch, LineNumber last, LineNumber applied,
                      std::int64_t skipped, std::string quarantine, std::string failure,
                      std::string created_by, TimePoint created_at, TimePoint status_at,
                      std::int32_t tolerance_percent) {
    plans.push_back(Plan{.id = id,
                         .date = date,
                         .last_date = last_date,
                         .name = std::move(name),
                         .strategy = std::move(strategy),
                         .environment = std::move(environment),
                         .parameters = map_from_text(parameters),
                         .tolerance_percent = tolerance_percent,
                         .status = status,
                         .saved_status = saved_status,
                         .phase = phase,
                         .site = site,
                         .session = session,
                         .epoch = epoch,
                         .last = last,
                         .applied = applied,
                         .skipped = skipped,
                         .quarantine_reason = std::move(quarantine),
                         .fail_reason = std::move(failure),
                         .created_by = std::move(created_by),
                         .created_at = created_at,
                         .status_at = status_at});
  });
}

}  // namespace

void PlanStore::insert(trading::UnitOfWork& work, const Plan& plan) {
  prepared<PlanWrites>(work).insert.run(
      plan.id, plan.date, plan.last_date, plan.name, plan.strategy, plan.environment,
      to_text(*plan.parameters), plan.status, plan.saved_status, plan.phase, plan.site,
      plan.session, plan.epoch, plan.last, plan.applied, plan.skipped, plan.quarantine_reason,
      plan.created_by, plan.created_at, plan.status_at, plan.tolerance_percent);
  for (const PlanDetail& detail : plan.details)
    put_detail(work, plan.id, detail);
}

bool PlanStore::update(trading::UnitOfWork& work, const Plan& plan, Epoch fenced_by) {
  return prepared<PlanWrites>(work).update.run(
             plan.date, plan.last_date, to_text(*plan.parameters), plan.status, plan.saved_status,
             plan.phase, plan.site, plan.session, plan.epoch, plan.last, plan.applied, plan.skipped,
             plan.quarantine_reason, plan.fail_reason, plan.status_at, plan.id, fenced_by) == 1;
}

bool PlanStore::advance(trading::UnitOfWork& work, const Plan& plan) {
  return prepared<PlanWrites>(work).advance.run(plan.last, plan.applied, plan.skipped, plan.id,
                                                plan.epoch) == 1;
}

void PlanStore::put_detail(trading::UnitOfWork& work, PlanId plan, const PlanDetail& detail) {
  auto& writes = prepared<PlanWrites>(work);
  const std::int64_t updated =
      writes.update_detail.run(detail.ordered, detail.filled, detail.amount, plan, detail.market,
                               detail.security, detail.side);
  if (updated == 1) return;
  writes.insert_detail.run(plan, detail.market, detail.security, detail.side, detail.quantity,
                           detail.ordered, detail.filled, detail.amount, detail.planned);
}

bool PlanStore::claim(trading::UnitOfWork& work, const Claim& claim) {
  return prepared<PlanWrites>(work).claim.run(claim.site, claim.session, next_of(claim.epoch),
                                              claim.plan, claim.epoch, claim.snapshot) == 1;
}

std::vector<Plan> PlanStore::load() {
  const ReadPool::Lease lease = database_.readers().lease();
  lease.begin();
  auto& reads = lease.prepared<PlanReads>();
  std::vector<Plan> plans;
  read_plans(reads, plans);
  std::unordered_map<PlanId, Plan*> by_id;
  for (Plan& plan : plans)
    by_id.emplace(plan.id, &plan);
  reads.details.run([&](PlanId id, Market market, std::string security, Side side,
                        Quantity quantity, Quantity ordered, Quantity filled, AmountTicks amount,
                        bool planned) {
    // A detail whose plan is gone can only have been put in by hand.
    const auto plan = by_id.find(id);
    if (plan == by_id.end()) return;
    plan->second->details.push_back(
        PlanDetail{market, std::move(security), side, quantity, ordered, filled, amount, planned});
  });
  return plans;
}

PlanId PlanStore::last_id() {
  return database_.readers().lease().prepared<PlanReads>().last.first().value_or(PlanId{});
}

}  // namespace systask::db
