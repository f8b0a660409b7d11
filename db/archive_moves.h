// The moves of an earlier day's rows to their `this…` twins: which rows of each table may
// go, as SQL. Private to db/; used by the day store on the writer's connection.
//
// A plan that has not ended (or waits for its next day) stays with its details, and so do
// its open orders with their numbers and fills; of its closed orders nothing stays. Parked,
// quarantined and still cached messages stay. The legs of a combined order go with it.
#pragma once

#include <array>
#include <cstddef>
#include <memory>

#include "db/statement.h"
#include "trading/types.h"

namespace systask::db {

class ArchiveMoves {
 public:
  static constexpr std::size_t kKinds = 6;

  explicit ArchiveMoves(soci::session& sql);
  ~ArchiveMoves();

  // Moves at most `limit` rows of one kind, with what must go along; how many of the kind.
  std::size_t move(std::size_t kind, trading::BusinessDate before, std::size_t limit);

 private:
  class Kind;
  std::array<std::unique_ptr<Kind>, kKinds> kinds_;
};

}  // namespace systask::db
