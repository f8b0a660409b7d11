// The Journal keeps the last steps of a simulation in words, for the story of a failing seed,
// and the first breach of a rule. One thread.
#pragma once

#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <utility>

#include "base/clock.h"

namespace systask::simulation {

class Journal {
 public:
  explicit Journal(std::size_t kept) : kept_(kept) {}

  void at(Micros now) { now_ = now; }

  template <class... Args>
  void say(fmt::format_string<Args...> text, Args&&... args) {
    ++said_;
    if (kept_ == 0) return;
    lines_.push_back(fmt::format("{:10.3f} s  {}", static_cast<double>(now_.count()) / 1e6,
                                 fmt::format(text, std::forward<Args>(args)...)));
    if (lines_.size() > kept_) lines_.pop_front();
  }
  // A rule is broken: the first one counts, what follows is its consequence.
  template <class... Args>
  void breach(const char* rule, fmt::format_string<Args...> text, Args&&... args) {
    if (!breach_.empty()) return;
    breach_ = fmt::format("{}: {}", rule, fmt::format(text, std::forward<Args>(args)...));
    say("BREACH of {}", breach_);
  }

  [[nodiscard]] bool broken() const { return !breach_.empty(); }
  [[nodiscard]] const std::string& breach_text() const { return breach_; }
  [[nodiscard]] const std::deque<std::string>& lines() const { return lines_; }
  [[nodiscard]] std::uint64_t said() const { return said_; }

 private:
  const std::size_t kept_;
  Micros now_{0};
  std::deque<std::string> lines_;
  std::uint64_t said_ = 0;
  std::string breach_;
};

}  // namespace systask::simulation
