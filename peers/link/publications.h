// The publications of a link that the platform has not acknowledged, in order. They keep
// their place over a broken connection; their numbers begin at 1 on each. One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

namespace systask::peers {

class Publications {
 public:
  explicit Publications(std::size_t window) : window_(window) {}

  [[nodiscard]] std::size_t size() const { return waiting_.size(); }
  [[nodiscard]] std::size_t room() const { return window_ - waiting_.size(); }

  // False where the window is full.
  bool add(std::string_view topic, std::string_view body);
  // A new connection: all that waits is to be sent again, from number 1.
  void begin_again();
  // The next frame that this connection has not had; empty where there is none.
  std::string next_frame();

  // Both answer how many of the oldest are thereby dealt with.
  std::size_t acknowledged(std::int64_t through);
  std::size_t refused(std::int64_t number);

 private:
  struct Waiting {
    std::string tail;
    bool dealt = false;
  };
  std::size_t drop_dealt();

  std::size_t window_;
  std::deque<Waiting> waiting_;
  std::int64_t first_ = 1;  // number of waiting_.front() on this connection
  std::size_t sent_ = 0;    // how many of waiting_ this connection has had
};

}  // namespace systask::peers
