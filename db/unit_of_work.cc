#include "db/unit_of_work.h"

#include <stdexcept>

#include "db/statement.h"

namespace systask::db {
namespace {

struct SavepointWords {
  explicit SavepointWords(soci::session& sql)
      : set(sql, "savepoint command"),
        release(sql, "release command"),
        roll_back(sql, "rollback to command") {}
  Command<> set;
  Command<> release;
  Command<> roll_back;
};

}  // namespace

UnitOfWork::UnitOfWork(Writer::Lease lease) : lease_(std::move(lease)) { lease_.begin(); }

void UnitOfWork::savepoint() { prepared<SavepointWords>().set.run(); }
void UnitOfWork::keep() { prepared<SavepointWords>().release.run(); }

void UnitOfWork::undo() {
  if (lost()) return;
  auto& words = prepared<SavepointWords>();
  words.roll_back.run();
  words.release.run();
}

bool UnitOfWork::lost() const { return !committed_ && !lease_.connection().in_transaction(); }

void UnitOfWork::commit() {
  if (lost()) {
    throw std::runtime_error(
        "the database has rolled the transaction back by itself (disk full or I/O error): "
        "nothing of it is kept; free some space");
  }
  try {
    lease_.commit();
    // Whoever is told that it is kept relies on a look that came after it. Where this one fails,
    // the state is loaded again, with what is in the file without a name.
    lease_.expect_in_place();
  } catch (...) {
    lease_.connection().roll_back();
    throw;
  }
  committed_ = true;
}

std::unique_ptr<trading::UnitOfWork> Transactions::begin() {
  return std::make_unique<UnitOfWork>(database_.writer().lease(Urgency::kNormal));
}

}  // namespace systask::db
