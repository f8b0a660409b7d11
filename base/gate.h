// A Gate lets work in until it is closed, and its closing waits for those inside.
//
// enter() may be called from any thread: an empty pass means the gate is closed and the
// caller must refuse. close() may be called twice; when it returns nobody is inside.
// A thread that is inside must not call close().
#pragma once

#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <utility>

namespace systask {

class Gate {
 public:
  class Pass {
   public:
    Pass() = default;
    explicit Pass(Gate* gate) : gate_(gate) {}
    Pass(Pass&& other) noexcept : gate_(std::exchange(other.gate_, nullptr)) {}
    Pass& operator=(Pass&& other) noexcept {
      std::swap(gate_, other.gate_);
      return *this;
    }
    ~Pass() {
      if (gate_ != nullptr) gate_->leave();
    }
    explicit operator bool() const { return gate_ != nullptr; }

   private:
    Gate* gate_ = nullptr;
  };

  [[nodiscard]] Pass enter() {
    const std::scoped_lock lock{mutex_};
    if (closed_) return Pass{};
    ++inside_;
    return Pass{this};
  }

  void close() {
    std::unique_lock lock{mutex_};
    closed_ = true;
    empty_.wait(lock, [this] { return inside_ == 0; });
  }

 private:
  void leave() {
    const std::scoped_lock lock{mutex_};
    if (--inside_ == 0) empty_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable empty_;
  std::size_t inside_ = 0;
  bool closed_ = false;
};

}  // namespace systask
