// One connection to the database, with the statements prepared on it.
//
// A Connection belongs to whoever holds its lease, one thread at a time. A store keeps its
// statements in a struct that is built from the session; prepared<Struct>() builds it once
// per connection and hands it out again, so that nothing is parsed twice.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace soci {
class session;
}
namespace sqlite_api {
struct sqlite3;
}

namespace systask::db {

class Connection {
 public:
  enum class Access { kReadWrite, kReadOnly };
  // kProcess: connections of this process only, which cost no system calls for locks. Another
  // process finds the file locked.
  enum class Sharing { kMachine, kProcess };

  // Opens the file (creates it where access allows) with the pragmas of the service.
  Connection(const std::string& path, Access access, Sharing sharing = Sharing::kMachine);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  [[nodiscard]] soci::session& sql() { return *sql_; }
  // The driver's own connection, for what SOCI has no word for.
  [[nodiscard]] sqlite_api::sqlite3* handle() const;

  // The struct of statements of this type, built from sql() at its first use.
  template <class Statements>
  Statements& prepared() {
    static const std::size_t place = new_place();
    if (prepared_.size() <= place) prepared_.resize(place + 1);
    std::shared_ptr<void>& slot = prepared_[place];
    if (!slot) slot = std::make_shared<Statements>(*sql_);
    return *static_cast<Statements*>(slot.get());
  }

  // False also when the database has rolled the transaction back by itself.
  [[nodiscard]] bool in_transaction() const;

  // Takes the write lock at once: a plain BEGIN that becomes a write later fails as busy.
  void begin_write();
  // Several reads that see one state of the database.
  void begin_read();
  void commit();
  // Does nothing where no transaction is open; never throws.
  void roll_back() noexcept;

  // Runs a script of any number of statements.
  void run_script(const std::string& script);

 private:
  struct TransactionWords;

  // One for each type of statements, the same on every connection.
  static std::size_t new_place();

  std::unique_ptr<soci::session> sql_;
  std::vector<std::shared_ptr<void>> prepared_;  // by the place of their type
};

// A path as SQLite's URI of it, to which parameters may be added.
[[nodiscard]] std::string uri_of(const std::string& path);

}  // namespace systask::db
