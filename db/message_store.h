// Messages on SQL: algojr_tmessage, and the cache algojr_trequestcache. Calls with a unit of
// work belong to its thread; the others read what is committed, from any thread. Must not
// outlive the Database.
#pragma once

#include "db/database.h"
#include "trading/ports/message_store.h"

namespace systask::db {

class MessageStore final : public trading::MessageStore {
 public:
  explicit MessageStore(Database& database) : database_(database) {}

  bool add(trading::UnitOfWork& work, const trading::MessageRow& row) override;
  void settle(trading::UnitOfWork& work, const trading::MessageRow& row) override;
  void applied(trading::UnitOfWork& work, const trading::LineRange& range) override;
  std::vector<trading::MessageRow> parked_of(trading::UnitOfWork& work, trading::BusinessDate date,
                                             trading::Market market,
                                             const std::string& order_number) override;
  std::vector<trading::MessageRow> parked(trading::UnitOfWork& work) override;
  // Archived events too: a plan of several days may be resumed on a later one.
  std::optional<trading::MessageRow> find(trading::UnitOfWork& work,
                                          trading::MessageNo no) override;
  std::optional<trading::MessageRow> received(trading::UnitOfWork& work,
                                              const std::string& message_id) override;
  void replace(trading::UnitOfWork& work, const trading::MessageRow& row) override;
  std::vector<trading::MessageRow> quarantined_of(trading::UnitOfWork& work,
                                                  trading::PlanId plan) override;
  std::vector<trading::LineEvent> events(trading::UnitOfWork& work, trading::PlanId plan,
                                         trading::LineNumber after, trading::LineNumber through,
                                         std::size_t limit) override;
  trading::MessageNo last_no() override;
  [[nodiscard]] std::int64_t count(trading::Disposition disposition) override;

 private:
  Database& database_;
};

class MessageCache final : public trading::MessageCache {
 public:
  explicit MessageCache(Database& database) : database_(database) {}

  void append(trading::UnitOfWork& work, const trading::MessageRow& row) override;
  std::vector<trading::MessageRow> oldest_first(trading::UnitOfWork& work, trading::PlanId plan,
                                                std::size_t limit) override;
  void remove(trading::UnitOfWork& work, const trading::LineRange& range) override;
  [[nodiscard]] std::int64_t depth(trading::UnitOfWork& work, trading::PlanId plan) override;
  std::vector<Depth> depths() override;

 private:
  Database& database_;
};

}  // namespace systask::db
