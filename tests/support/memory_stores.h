// The ports of trading in memory: what the tests of the core run on. They pass the same
// suites (tests/conformance/) as the stores on SQL. May be used from several threads; a
// call without a unit of work waits for the one that is under way, except in its own thread.
#pragma once

#include <memory>

#include "tests/support/memory_tables.h"
#include "trading/stores.h"

namespace systask::support {

class MemoryTransactions final : public trading::Transactions {
 public:
  explicit MemoryTransactions(MemoryTables& tables) : t_(tables) {}
  std::unique_ptr<trading::UnitOfWork> begin() override;

 private:
  MemoryTables& t_;
};

class MemoryPlans final : public trading::PlanStore {
 public:
  explicit MemoryPlans(MemoryTables& tables) : t_(tables) {}
  void insert(trading::UnitOfWork& work, const trading::Plan& plan) override;
  bool update(trading::UnitOfWork& work, const trading::Plan& plan,
              trading::Epoch fenced_by) override;
  bool advance(trading::UnitOfWork& work, const trading::Plan& plan) override;
  void put_detail(trading::UnitOfWork& work, trading::PlanId plan,
                  const trading::PlanDetail& detail) override;
  bool claim(trading::UnitOfWork& work, const trading::Claim& claim) override;
  std::vector<trading::Plan> load() override;
  trading::PlanId last_id() override;

 private:
  MemoryTables& t_;
};

class MemoryOrders final : public trading::OrderStore {
 public:
  explicit MemoryOrders(MemoryTables& tables) : t_(tables) {}
  bool insert(trading::UnitOfWork& work, const trading::Order& order,
              std::optional<trading::Epoch> fence) override;
  void update(trading::UnitOfWork& work, const trading::Order& order) override;
  void update_filled(trading::UnitOfWork& work, const trading::Order& order) override;
  void insert(trading::UnitOfWork& work, const trading::CombinedOrder& order) override;
  void update(trading::UnitOfWork& work, const trading::CombinedOrder& order) override;
  void put_number(trading::UnitOfWork& work, const trading::OrderNumber& number) override;
  bool add_fill(trading::UnitOfWork& work, const trading::Fill& fill) override;
  std::optional<trading::Fill> find_fill(trading::UnitOfWork& work, trading::BusinessDate date,
                                         trading::Market market, const std::string& number,
                                         const std::string& deal_no) override;
  std::map<trading::OrderId, trading::Quantity> filled_by_order(trading::UnitOfWork& work) override;
  std::vector<trading::Order> archived_of_plans(trading::UnitOfWork& work) override;
  std::vector<trading::Order> load_orders() override;
  std::vector<trading::CombinedOrder> load_combined() override;
  std::vector<trading::OrderNumber> load_numbers() override;
  trading::OrderId last_id() override;

 private:
  MemoryTables& t_;
};

class MemoryMessages final : public trading::MessageStore {
 public:
  explicit MemoryMessages(MemoryTables& tables) : t_(tables) {}
  bool add(trading::UnitOfWork& work, const trading::MessageRow& row) override;
  void settle(trading::UnitOfWork& work, const trading::MessageRow& row) override;
  void applied(trading::UnitOfWork& work, const trading::LineRange& range) override;
  std::vector<trading::MessageRow> parked_of(trading::UnitOfWork& work, trading::BusinessDate date,
                                             trading::Market market,
                                             const std::string& order_number) override;
  std::vector<trading::MessageRow> parked(trading::UnitOfWork& work) override;
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
  MemoryTables& t_;
};

class MemoryCache final : public trading::MessageCache {
 public:
  explicit MemoryCache(MemoryTables& tables) : t_(tables) {}
  void append(trading::UnitOfWork& work, const trading::MessageRow& row) override;
  std::vector<trading::MessageRow> oldest_first(trading::UnitOfWork& work, trading::PlanId plan,
                                                std::size_t limit) override;
  void remove(trading::UnitOfWork& work, const trading::LineRange& range) override;
  [[nodiscard]] std::int64_t depth(trading::UnitOfWork& work, trading::PlanId plan) override;
  std::vector<Depth> depths() override;

 private:
  MemoryTables& t_;
};

class MemorySites final : public trading::SiteStore {
 public:
  explicit MemorySites(MemoryTables& tables) : t_(tables) {}
  void put(trading::UnitOfWork& work, const trading::Site& site) override;
  std::vector<trading::Site> load() override;

 private:
  MemoryTables& t_;
};

class MemoryOutbox final : public trading::Outbox {
 public:
  explicit MemoryOutbox(MemoryTables& tables) : t_(tables) {}
  bool add(trading::UnitOfWork& work, const trading::OutRow& row,
           std::optional<trading::Epoch> fence) override;
  void remove_through(trading::UnitOfWork& work, trading::OutNo through) override;
  void remove(trading::UnitOfWork& work, std::span<const trading::OutNo> numbers) override;
  void failed_again(trading::UnitOfWork& work, trading::OutNo no,
                    const std::string& error) override;
  std::vector<trading::OutRow> pending(trading::UnitOfWork& work, trading::OutKind kind,
                                       trading::OutNo after, std::size_t limit) override;
  trading::OutNo last_no() override;

 private:
  MemoryTables& t_;
};

class MemoryRecords final : public trading::Records {
 public:
  explicit MemoryRecords(MemoryTables& tables) : t_(tables) {}
  void put(trading::UnitOfWork& work, const trading::RecoveryAttempt& attempt) override;
  void add(trading::UnitOfWork& work, const trading::AuditEntry& entry) override;
  std::vector<trading::RecoveryAttempt> running() override;
  trading::AttemptId last_attempt() override;

 private:
  MemoryTables& t_;
};

class MemoryDay final : public trading::DayStore {
 public:
  explicit MemoryDay(MemoryTables& tables) : t_(tables) {}
  std::optional<trading::BusinessDate> open_date() override;
  void set_open_date(trading::UnitOfWork& work, trading::BusinessDate date) override;
  std::map<trading::Market, std::string> session_texts() override;
  void add_session_text(trading::UnitOfWork& work, trading::Market market,
                        const std::string& text) override;
  std::size_t archive_some(trading::UnitOfWork& work, trading::BusinessDate before,
                           std::size_t limit) override;
  std::vector<trading::MessageRow> stale_cache(trading::UnitOfWork& work,
                                               trading::BusinessDate before,
                                               std::size_t limit) override;
  void archive_cached(trading::UnitOfWork& work, trading::PlanId plan, trading::LineNumber number,
                      const std::string& outcome) override;
  std::size_t prune_cache_archive(trading::UnitOfWork& work, trading::BusinessDate before) override;

 private:
  MemoryTables& t_;
};

// All of them on one set of tables.
class MemoryStores {
 public:
  MemoryStores() = default;
  MemoryStores(const MemoryStores&) = delete;
  MemoryStores& operator=(const MemoryStores&) = delete;

  [[nodiscard]] trading::Stores stores() {
    return {transactions_, plans_, orders_, messages_, cache_, outbox_, sites_, records_, day_};
  }
  // For looking at what was written, and for putting rows in by hand.
  [[nodiscard]] MemoryTables& tables() { return tables_; }
  // The disk is full at the n-th write from now: the transaction that makes it is lost, and
  // so are as many of those that follow it as `times` says.
  void lose_transaction_at_write(int n, int times = 1) {
    tables_.writes_until_lost = n;
    tables_.losses = times;
  }

 private:
  MemoryTables tables_;
  MemoryTransactions transactions_{tables_};
  MemoryPlans plans_{tables_};
  MemoryOrders orders_{tables_};
  MemoryMessages messages_{tables_};
  MemoryCache cache_{tables_};
  MemoryOutbox outbox_{tables_};
  MemorySites sites_{tables_};
  MemoryRecords records_{tables_};
  MemoryDay day_{tables_};
};

}  // namespace systask::support
