// What went wrong with the database, said once: every error of the driver is one of these.
// The classification is pure and may be called from any thread.
#pragma once

#include <exception>
#include <string_view>

namespace systask::db {

enum class Fault {
  kUnique,      // a row of this key is there already
  kConstraint,  // a CHECK, NOT NULL or foreign key says no: a bug, or somebody else's row
  kBusy,        // another program holds the write lock, and kept it beyond the timeout
  kNoSpace,     // disk full, I/O error, out of memory: the transaction may be lost
  kCorrupt,     // the file is damaged, or is not a database
  kOther,
};

// kOther where the exception is not one of the database's.
[[nodiscard]] Fault fault_of(const std::exception& error);

// What an operator may do about it.
[[nodiscard]] std::string_view advice_for(Fault fault);

}  // namespace systask::db
