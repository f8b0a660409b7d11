// The Writer is the one connection that writes. It is lent to one thread at a time, and
// the urgent (a tick's claims, a run's outcome) go ahead of the normal (batches of
// messages), so a flood of messages does not make tasks late.
//
// lease() may be called from any thread and waits. A Lease belongs to its thread; a
// transaction still open when it dies is rolled back. The Writer must outlive its leases.
//
// Once guard() was called, a commit first looks whether the database's files are in place, and
// fails where they are not, with nothing kept: no transaction begins then until they are back.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <string>
#include <utility>

#include "db/connection.h"
#include "db/opened_files.h"

namespace systask::db {

enum class Urgency { kNormal, kUrgent };

class Writer {
 public:
  class Lease {
   public:
    explicit Lease(Writer* writer) : writer_(writer) {}
    Lease(Lease&& other) noexcept : writer_(std::exchange(other.writer_, nullptr)) {}
    Lease& operator=(Lease&&) = delete;
    ~Lease() {
      if (writer_ != nullptr) writer_->give_back();
    }

    [[nodiscard]] Connection& connection() const { return writer_->connection_; }
    [[nodiscard]] soci::session& sql() const { return writer_->connection_.sql(); }
    template <class Statements>
    Statements& prepared() const {
      return writer_->connection_.prepared<Statements>();
    }
    void begin() const { writer_->begin(); }
    // Durable when it returns; where it throws, the lease rolls back.
    void commit() const { writer_->commit(); }
    // Throws where the database's files moved: also after a commit, when others are told of it.
    void expect_in_place() const { writer_->expect_in_place(); }

   private:
    Writer* writer_;
  };

  explicit Writer(const std::string& path,
                  Connection::Sharing sharing = Connection::Sharing::kMachine)
      : connection_(path, Connection::Access::kReadWrite, sharing) {}

  // Before the first lease of others. `files` must outlive the Writer.
  void guard(const OpenedFiles& files) { files_ = &files; }

  [[nodiscard]] Lease lease(Urgency urgency);
  // How many wait for a lease now.
  [[nodiscard]] std::size_t waiting();

 private:
  void begin();
  void commit();
  void expect_in_place();
  void give_back() noexcept;

  Connection connection_;
  const OpenedFiles* files_ = nullptr;
  bool moved_ = false;  // at the last look; the lease's
  std::mutex mutex_;
  std::condition_variable normal_;
  std::condition_variable urgent_;
  std::size_t urgent_waiting_ = 0;
  std::size_t normal_waiting_ = 0;
  bool lent_ = false;
};

}  // namespace systask::db
