// The trading ports' unit of work on SQL: one transaction on the Writer, held from begin
// to the end of the object. Belongs to the thread that began it.
#pragma once

#include "db/database.h"
#include "trading/ports/unit_of_work.h"

namespace systask::db {

class UnitOfWork final : public trading::UnitOfWork {
 public:
  explicit UnitOfWork(Writer::Lease lease);

  void savepoint() override;
  void keep() override;
  // Does nothing where the whole transaction is lost already.
  void undo() override;
  [[nodiscard]] bool lost() const override;
  void commit() override;

  template <class Statements>
  Statements& prepared() {
    return lease_.prepared<Statements>();
  }

 private:
  Writer::Lease lease_;
  bool committed_ = false;
};

// The work a store was given, as what it is: stores of db/ only ever meet their own.
inline UnitOfWork& on_sql(trading::UnitOfWork& work) { return static_cast<UnitOfWork&>(work); }

// The store's statements on the connection of the work it was given.
template <class Statements>
Statements& prepared(trading::UnitOfWork& work) {
  return on_sql(work).prepared<Statements>();
}

class Transactions final : public trading::Transactions {
 public:
  explicit Transactions(Database& database) : database_(database) {}
  std::unique_ptr<trading::UnitOfWork> begin() override;

 private:
  Database& database_;
};

}  // namespace systask::db
