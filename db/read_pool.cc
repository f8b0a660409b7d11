#include "db/read_pool.h"

namespace systask::db {

ReadPool::ReadPool(const std::string& path, std::size_t connections, Connection::Sharing sharing) {
  for (std::size_t i = 0; i < connections; ++i) {
    connections_.push_back(
        std::make_unique<Connection>(path, Connection::Access::kReadOnly, sharing));
    free_.push_back(connections_.back().get());
  }
}

ReadPool::Lease ReadPool::lease() {
  std::unique_lock lock{mutex_};
  freed_.wait(lock, [this] { return !free_.empty(); });
  Connection* connection = free_.back();  // the one last used has the warmest cache
  free_.pop_back();
  return Lease{this, connection};
}

void ReadPool::give_back(Connection* connection) noexcept {
  connection->roll_back();
  const std::scoped_lock lock{mutex_};
  free_.push_back(connection);  // cannot allocate: it once held every connection
  freed_.notify_one();
}

}  // namespace systask::db
