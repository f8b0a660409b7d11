// A ReadPool lends connections that can only read: for the API, the CLI and the choice of
// candidates. Readers see what was committed when they began and never wait for the writer.
//
// lease() may be called from any thread; it waits while every connection is lent. The pool
// must outlive its leases.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "db/connection.h"

namespace systask::db {

class ReadPool {
 public:
  class Lease {
   public:
    Lease(ReadPool* pool, Connection* connection) : pool_(pool), connection_(connection) {}
    Lease(Lease&& other) noexcept
        : pool_(std::exchange(other.pool_, nullptr)), connection_(other.connection_) {}
    Lease& operator=(Lease&&) = delete;
    ~Lease() {
      if (pool_ != nullptr) pool_->give_back(connection_);
    }

    [[nodiscard]] Connection& connection() const { return *connection_; }
    [[nodiscard]] soci::session& sql() const { return connection_->sql(); }
    template <class Statements>
    Statements& prepared() const {
      return connection_->prepared<Statements>();
    }
    // What is read from here to the end of the lease is one state of the database.
    void begin() const { connection_->begin_read(); }

   private:
    ReadPool* pool_;
    Connection* connection_;
  };

  ReadPool(const std::string& path, std::size_t connections,
           Connection::Sharing sharing = Connection::Sharing::kMachine);

  [[nodiscard]] Lease lease();

 private:
  void give_back(Connection* connection) noexcept;

  std::vector<std::unique_ptr<Connection>> connections_;
  std::mutex mutex_;
  std::condition_variable freed_;
  std::vector<Connection*> free_;
};

}  // namespace systask::db
