// The business day on SQL: algojr_tplatform, algojr_texectimeinfo, and the moves of an
// earlier day's rows to the `this…` tables. Calls with a unit of work belong to its thread,
// and archive_some() to one thread at a time; the others read what is committed, from any.
// Must not outlive the Database.
#pragma once

#include "db/database.h"
#include "trading/ports/day_store.h"

namespace systask::db {

class DayStore final : public trading::DayStore {
 public:
  explicit DayStore(Database& database) : database_(database) {}

  std::optional<trading::BusinessDate> open_date() override;
  void set_open_date(trading::UnitOfWork& work, trading::BusinessDate date) override;
  std::map<trading::Market, std::string> session_texts() override;
  void add_session_text(trading::UnitOfWork& work, trading::Market market,
                        const std::string& text) override;
  // One kind a call, children before parents: messages, fills, numbers, combined orders with
  // their legs, orders, plans with their details. What is left always loads whole.
  std::size_t archive_some(trading::UnitOfWork& work, trading::BusinessDate before,
                           std::size_t limit) override;
  std::vector<trading::MessageRow> stale_cache(trading::UnitOfWork& work,
                                               trading::BusinessDate before,
                                               std::size_t limit) override;
  void archive_cached(trading::UnitOfWork& work, trading::PlanId plan, trading::LineNumber number,
                      const std::string& outcome) override;
  std::size_t prune_cache_archive(trading::UnitOfWork& work, trading::BusinessDate before) override;

 private:
  Database& database_;
  std::size_t kind_ = 0;  // the kind that had rows last time; only saves looking again
};

}  // namespace systask::db
