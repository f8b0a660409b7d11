// Transactions that fail, or end the process, where a simulation wants them to: around the
// memory twin's, which keep what was committed. One thread.
#pragma once

#include <functional>
#include <memory>
#include <stdexcept>

#include "trading/ports/unit_of_work.h"

namespace systask::simulation {

enum class AtCommit {
  kFine,
  kRefused,      // the database cannot write: nothing is kept, the process goes on
  kDeathBefore,  // the process ends, and nothing is kept
  kDeathAfter,   // it is kept, and the process ends before anybody is told
};

class CrashingTransactions final : public trading::Transactions {
 public:
  explicit CrashingTransactions(trading::Transactions& real) : real_(real) {}

  std::function<AtCommit()> at_commit;  // asked at each commit
  std::function<void()> died;
  bool dead = false;  // the process is: nothing can be begun
  int commits = 0;

  std::unique_ptr<trading::UnitOfWork> begin() override {
    if (dead) throw std::runtime_error("the process is dead");
    return std::make_unique<Work>(*this, real_.begin());
  }

 private:
  class Work final : public trading::UnitOfWork {
   public:
    Work(CrashingTransactions& parent, std::unique_ptr<trading::UnitOfWork> real)
        : parent_(parent), real_(std::move(real)) {}
    [[nodiscard]] trading::UnitOfWork& real() { return *real_; }
    void savepoint() override { real_->savepoint(); }
    void keep() override { real_->keep(); }
    void undo() override { real_->undo(); }
    [[nodiscard]] bool lost() const override { return real_->lost(); }
    void commit() override {
      if (parent_.dead) throw std::runtime_error("the process is dead");
      switch (parent_.at_commit()) {
        case AtCommit::kFine: break;
        case AtCommit::kRefused: throw std::runtime_error("the disk is full");
        case AtCommit::kDeathBefore: parent_.died(); throw std::runtime_error("power is lost");
        case AtCommit::kDeathAfter: parent_.died(); break;
      }
      real_->commit();
      ++parent_.commits;
    }

   private:
    CrashingTransactions& parent_;
    std::unique_ptr<trading::UnitOfWork> real_;
  };

  trading::Transactions& real_;
};

}  // namespace systask::simulation
