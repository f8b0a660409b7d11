// ByteBudget counts the bytes that all sessions of a server hold together, and says when there are
// too many. What is small is always given: so many small ones as there may be sessions are few
// bytes, and nobody who holds large ones keeps the others from being served. take() is for the io
// thread; a Share gives its bytes back when it ends, and refused() may be asked, on any thread.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

namespace systask::net {

class ByteBudget {
 public:
  static constexpr std::size_t kSmall = std::size_t{16} << 10U;

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

  // False where they are too many; one who is alone is given any number, and who asks for a small
  // one always.
  [[nodiscard]] bool take(std::size_t bytes, Share& share) const {
    share.give_back();
    const bool too_many = *taken_ > 0 && *taken_ + bytes > most_;
    if (too_many && bytes > kSmall) {
      *refused_ += 1;
      return false;
    }
    *taken_ += bytes;
    share.taken_ = taken_;
    share.bytes_ = bytes;
    return true;
  }

  // How often it was too much, since the start.
  [[nodiscard]] std::uint64_t refused() const { return *refused_; }

 private:
  std::size_t most_;
  std::shared_ptr<std::atomic<std::size_t>> taken_ = std::make_shared<std::atomic<std::size_t>>(0);
  std::shared_ptr<std::atomic<std::uint64_t>> refused_ =
      std::make_shared<std::atomic<std::uint64_t>>(0);
};

}  // namespace systask::net
