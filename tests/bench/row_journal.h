// The rows that a program writes to its database, recorded as it writes them, and written
// again by bare SQLite: what the same rows cost with nothing around the library.
//
// A RowJournal watches the connections to one file that are opened while it lives, and only one
// may live at a time. It knows rows, not sentences: an insert has all columns, an update those that
// changed, a delete the key. A transaction is what was committed together. One thread.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

struct sqlite3;
struct sqlite3_stmt;

namespace systask {

using SqlValue = std::variant<std::monostate, std::int64_t, double, std::string>;

struct RowChange {
  enum class Kind : std::uint8_t { kInsert, kUpdate, kDelete };
  Kind kind = Kind::kInsert;
  std::string table;
  std::vector<int> columns;      // those that have a value here, in order
  std::vector<SqlValue> values;  // theirs
  std::vector<SqlValue> before;  // the whole old row, to find it by its key
};

using RowTransaction = std::vector<RowChange>;

class RowJournal {
 public:
  explicit RowJournal(std::string file);
  ~RowJournal();
  RowJournal(const RowJournal&) = delete;
  RowJournal& operator=(const RowJournal&) = delete;

  // What was committed since the last call.
  std::vector<RowTransaction> take();

  [[nodiscard]] const std::string& file() const { return file_; }

  // For the hooks.
  void changed(sqlite3* db, int operation, const char* table);
  void committed();
  void rolled_back() { open_.clear(); }

 private:
  const std::string file_;
  RowTransaction open_;
  std::vector<RowTransaction> committed_;
};

// A connection of its own to a database with the schema, set up like the service's, which
// writes such transactions through prepared statements and the C API.
class BareWriter {
 public:
  explicit BareWriter(const std::string& path);
  ~BareWriter();
  BareWriter(const BareWriter&) = delete;
  BareWriter& operator=(const BareWriter&) = delete;

  // Prepares what these need; not part of what writing them costs.
  class Plan {
   public:
    [[nodiscard]] std::size_t rows() const { return steps_.size() - 2 * transactions_; }
    [[nodiscard]] std::size_t transactions() const { return transactions_; }

   private:
    friend class BareWriter;
    struct Step {
      sqlite3_stmt* statement = nullptr;
      std::vector<SqlValue> values;
    };
    std::vector<Step> steps_;
    std::size_t transactions_ = 0;
  };
  Plan prepare(const std::vector<RowTransaction>& transactions);
  void write(const Plan& plan);

 private:
  struct Table {
    std::vector<std::string> columns;
    std::vector<int> key;
  };

  const Table& table(const std::string& name);
  sqlite3_stmt* statement(const std::string& text);
  std::string text_of(const RowChange& change, const Table& of) const;
  void check(int code) const;

  sqlite3* db_ = nullptr;
  std::unordered_map<std::string, Table> tables_;
  std::unordered_map<std::string, sqlite3_stmt*> statements_;
};

}  // namespace systask
