// Guarded<T> keeps shared data inside its lock: forgetting to lock does not compile.
// with() may be called from any thread; the function given must not wait, nor reach
// for another Guarded that may be locked in the opposite order.
#pragma once

#include <mutex>
#include <utility>

namespace systask {

template <class T>
class Guarded {
 public:
  Guarded() = default;
  explicit Guarded(T value) : value_(std::move(value)) {}

  template <class Function>
  decltype(auto) with(Function&& function) {
    const std::scoped_lock lock{mutex_};
    return std::forward<Function>(function)(value_);
  }

  template <class Function>
  decltype(auto) with(Function&& function) const {
    const std::scoped_lock lock{mutex_};
    return std::forward<Function>(function)(value_);
  }

 private:
  mutable std::mutex mutex_;
  T value_{};
};

}  // namespace systask
