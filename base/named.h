// Named<T, Tag> makes each id, count and amount a type of its own, so that a site
// number cannot be passed where a plan number is meant. It costs nothing at run time.
#pragma once

#include <compare>
#include <cstddef>
#include <functional>
#include <utility>

namespace systask {

template <class T, class Tag>
class Named {
 public:
  using Value = T;

  constexpr Named() = default;
  constexpr explicit Named(T value) : value_(std::move(value)) {}

  [[nodiscard]] constexpr const T& value() const { return value_; }

  friend constexpr auto operator<=>(const Named&, const Named&) = default;
  friend constexpr bool operator==(const Named&, const Named&) = default;

 private:
  T value_{};
};

// The id that follows: numbers of a line, epochs and sessions only ever grow by one.
template <class T, class Tag>
[[nodiscard]] constexpr Named<T, Tag> next_of(const Named<T, Tag>& id) {
  return Named<T, Tag>{id.value() + 1};
}

}  // namespace systask

template <class T, class Tag>
struct std::hash<systask::Named<T, Tag>> {
  std::size_t operator()(const systask::Named<T, Tag>& id) const noexcept {
    return std::hash<T>{}(id.value());
  }
};
