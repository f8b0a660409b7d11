// Orders on SQL: algojr_tentrust, algojr_tcbentrust, algojr_trealdeal and the directory
// algojr_tordernumber. Calls with a unit of work belong to its thread; the others read what
// is committed, from any thread. Must not outlive the Database.
#pragma once

#include "db/database.h"
#include "trading/ports/order_store.h"

namespace systask::db {

class OrderStore final : public trading::OrderStore {
 public:
  explicit OrderStore(Database& database) : database_(database) {}

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
  Database& database_;
};

}  // namespace systask::db
