// The stores of one database, together, as the platform and the engine want them.
#pragma once

#include "db/backfill_store.h"
#include "db/database.h"
#include "db/day_store.h"
#include "db/hold_store.h"
#include "db/lane_sizes.h"
#include "db/maintenance.h"
#include "db/message_store.h"
#include "db/order_store.h"
#include "db/outbox.h"
#include "db/plan_store.h"
#include "db/queries.h"
#include "db/records.h"
#include "db/run_attempts.h"
#include "db/run_history.h"
#include "db/run_ledger.h"
#include "db/run_outputs.h"
#include "db/site_store.h"
#include "db/step_skips.h"
#include "db/task_store.h"
#include "db/unit_of_work.h"
#include "service/metrics/measured_records.h"
#include "trading/stores.h"

namespace systask::service {

class Metrics;

// Lives as long as the database, which it refers to.
struct SqlStores {
  SqlStores(db::Database& database, Metrics& metrics)
      : transactions(database),
        plans(database),
        orders(database),
        messages(database),
        cache(database),
        outbox(database),
        sites(database),
        kept_records(database),
        records(kept_records, metrics),
        day(database),
        maintenance(database),
        queries(database.readers()),
        ledger(database),
        tasks(database),
        attempts(database),
        outputs(database),
        history(database),
        holds(database),
        lane_sizes(database),
        skips(database),
        backfills(database) {}

  db::Transactions transactions;
  db::PlanStore plans;
  db::OrderStore orders;
  db::MessageStore messages;
  db::MessageCache cache;
  db::Outbox outbox;
  db::SiteStore sites;
  db::Records kept_records;
  MeasuredRecords records;
  db::DayStore day;
  db::Maintenance maintenance;
  db::Queries queries;
  db::RunLedger ledger;
  db::TaskStore tasks;
  db::RunAttempts attempts;
  db::RunOutputs outputs;
  db::RunHistory history;
  db::HoldStore holds;
  db::LaneSizes lane_sizes;
  db::StepSkips skips;
  db::BackfillStore backfills;

  trading::Stores trading{transactions, plans, orders,  messages, cache,
                          outbox,       sites, records, day};
};

}  // namespace systask::service
