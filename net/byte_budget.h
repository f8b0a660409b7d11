// ByteBudget counts the bytes that all sessions of a server hold together, and says when there are
// too many. take() is for the io thread; a Share gives its bytes back when it
// ends, on any thread.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <utility>

namespace systask::net {

class ByteBudget {
 public:
  class Share {
   public:
    Share() = default;
    Share(Share&& other) noexcept { *this = std::move(other); }
    Share& operator=(Share&& other) noexcept {
      give_back();
      taken_ = std::exchange(other.taken_, nullptr);
      bytes_ = std::exchange(other.bytes_, 0);
      return *this;
    }
    ~Share() { give_back(); }
    void give_back() {
      if (taken_) *taken_ -= std::exchange(bytes_, 0);
      taken_.reset();
    }

   private:
    friend class ByteBudget;
    std::shared_ptr<std::atomic<std::size_t>> taken_;
    std::size_t bytes_ = 0;
  };

  explicit ByteBudget(std::size_t most) : most_(most) {}

  // False where they are too many; one who is alone is given any number.
  [[nodiscard]] bool take(std::size_t bytes, Share& share) const {
    share.give_back();
    if (*taken_ > 0 && (bytes > most_ || *taken_ > most_ - bytes)) return false;
    *taken_ += bytes;
    share.taken_ = taken_;
    share.bytes_ = bytes;
    return true;
  }

 private:
  std::size_t most_;
  std::shared_ptr<std::atomic<std::size_t>> taken_ = std::make_shared<std::atomic<std::size_t>>(0);
};

}  // namespace systask::net
