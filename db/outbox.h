// The outbox on SQL: algojr_toutbox. Calls with a unit of work belong to its thread; the
// others read what is committed, from any thread. Must not outlive the Database.
#pragma once

#include "db/database.h"
#include "trading/ports/outbox.h"

namespace systask::db {

class Outbox final : public trading::Outbox {
 public:
  explicit Outbox(Database& database) : database_(database) {}

  bool add(trading::UnitOfWork& work, const trading::OutRow& row,
           std::optional<trading::Epoch> fence) override;
  void remove_through(trading::UnitOfWork& work, trading::OutNo through) override;
  void remove(trading::UnitOfWork& work, std::span<const trading::OutNo> numbers) override;
  void failed_again(trading::UnitOfWork& work, trading::OutNo no,
                    const std::string& error) override;
  std::vector<trading::OutRow> pending(trading::UnitOfWork& work, trading::OutKind kind,
                                       trading::OutNo after, std::size_t limit) override;
  // The greatest number ever given: rows that were removed count, since a receiver that
  // acknowledges by number must never see one again.
  trading::OutNo last_no() override;

 private:
  Database& database_;
};

}  // namespace systask::db
