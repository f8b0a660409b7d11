// One transaction on the writer, and where transactions come from.
//
// A UnitOfWork belongs to the thread that began it. Every store call that takes one takes
// part in it. What was not committed when it dies is rolled back.
#pragma once

#include <memory>

namespace systask::trading {

class UnitOfWork {
 public:
  virtual ~UnitOfWork() = default;

  // One level of savepoint: set, then either kept or undone.
  virtual void savepoint() = 0;
  virtual void keep() = 0;
  virtual void undo() = 0;
  // True when the database has rolled the whole transaction back by itself (disk full,
  // I/O error): every command of the batch has failed.
  [[nodiscard]] virtual bool lost() const = 0;
  // Durable when it returns; throws, with nothing of it kept, where it cannot be.
  virtual void commit() = 0;
};

class Transactions {
 public:
  virtual ~Transactions() = default;
  // Waits for the writer. Throws where the database cannot be written.
  virtual std::unique_ptr<UnitOfWork> begin() = 0;
};

}  // namespace systask::trading
