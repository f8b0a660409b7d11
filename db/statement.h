// Prepared statements in the types of the domain. Command<PlanId, Quantity> takes a plan
// and a quantity, in the order in which the statement first names its ":parameters", and nothing
// else compiles; Query<Params<PlanId>, OrderId, std::string> gives rows of those two columns.
//
// A statement belongs to its connection and is used by whoever holds its lease. A query is always
// read to its end, so that it never holds a snapshot open.
#pragma once

#include <soci/soci.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

#include "base/clock.h"
#include "base/named.h"
#include "db/cursor.h"

namespace systask::db {

// How a type of the domain is kept. put() may leave the cursor a reference to the value. NULL,
// which only somebody else's row can hold where T is not optional, reads as 0 or an empty text.
template <class T>
struct Kept;

template <>
struct Kept<std::string_view> {
  static void put(Cursor& cursor, int place, std::string_view value) { cursor.bind(place, value); }
};
template <>
struct Kept<std::string> {
  static void put(Cursor& cursor, int place, const std::string& value) {
    cursor.bind(place, std::string_view{value});
  }
  static std::string get(const Cursor& cursor, int column) {
    return std::string{cursor.text(column)};
  }
};
template <std::integral T>
struct Kept<T> {
  static void put(Cursor& cursor, int place, T value) {
    cursor.bind(place, static_cast<std::int64_t>(value));
  }
  static T get(const Cursor& cursor, int column) {
    if constexpr (std::is_same_v<T, bool>) return cursor.integer(column) != 0;
    return static_cast<T>(cursor.integer(column));
  }
};
template <>
struct Kept<TimePoint> {
  static void put(Cursor& cursor, int place, TimePoint value) {
    cursor.bind(place, to_micros(value));
  }
  static TimePoint get(const Cursor& cursor, int column) {
    return cursor.is_null(column) ? TimePoint{} : from_micros(cursor.integer(column));
  }
};
template <class T, class Tag>
struct Kept<Named<T, Tag>> {
  static void put(Cursor& cursor, int place, const Named<T, Tag>& value) {
    Kept<T>::put(cursor, place, value.value());
  }
  static Named<T, Tag> get(const Cursor& cursor, int column) {
    return Named<T, Tag>{Kept<T>::get(cursor, column)};
  }
};
// An enumeration of characters is one character; any other is its number.
template <class T>
requires std::is_enum_v<T>
struct Kept<T> {
  static constexpr bool kIsChar = std::is_same_v<std::underlying_type_t<T>, char>;
  static void put(Cursor& cursor, int place, const T& value) {
    if constexpr (kIsChar)
      cursor.bind(place, std::string_view{reinterpret_cast<const char*>(&value), 1});
    else
      cursor.bind(place, static_cast<std::int64_t>(value));
  }
  static T get(const Cursor& cursor, int column) {
    if constexpr (kIsChar) {
      const std::string_view text = cursor.text(column);
      return text.empty() ? T{} : static_cast<T>(text.front());
    } else {
      return static_cast<T>(cursor.integer(column));
    }
  }
};
template <class T>
struct Kept<std::optional<T>> {
  static void put(Cursor& cursor, int place, const std::optional<T>& value) {
    if (value)
      Kept<T>::put(cursor, place, *value);
    else
      cursor.bind_null(place);
  }
  static std::optional<T> get(const Cursor& cursor, int column) {
    if (cursor.is_null(column)) return std::nullopt;
    return Kept<T>::get(cursor, column);
  }
};

// Gives the parameters from `place` on these values, which must live until the run has ended; the
// place behind them.
template <class... Values>
int bind_from(Cursor& cursor, int place, const Values&... values) {
  (Kept<Values>::put(cursor, place++, values), ...);
  return place;
}

// One run of a statement: ends it in any case.
class Run {
 public:
  explicit Run(Cursor& cursor) : cursor_(cursor) {}
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;
  ~Run() { cursor_.reset(); }

  // To its end; the number of rows inserted, updated or deleted.
  std::int64_t finish() {
    while (cursor_.step()) {
    }
    return cursor_.changed();
  }

 private:
  Cursor& cursor_;
};

template <class... Values>
class Command {
 public:
  Command(soci::session& sql, std::string_view text) : cursor_(sql, text, sizeof...(Values), 0) {}

  // The number of rows inserted, updated or deleted.
  std::int64_t run(const Values&... values) {
    Run run{cursor_};
    bind_from(cursor_, 0, values...);
    return run.finish();
  }

 private:
  Cursor cursor_;
};

template <class... Values>
struct Params {};

template <class Given, class... Columns>
class Query;

template <class... Values, class... Columns>
class Query<Params<Values...>, Columns...> {
 public:
  Query(soci::session& sql, std::string_view text)
      : cursor_(sql, text, sizeof...(Values), sizeof...(Columns)) {}

  // Calls each(columns...) for every row. `each` must not use this statement again.
  template <class Each>
  void run(const Values&... values, Each&& each) {
    run_while(values..., [&](auto&&... columns) {
      each(std::forward<decltype(columns)>(columns)...);
      return true;
    });
  }

  // The same, until it returns false.
  template <class Each>
  void run_while(const Values&... values, Each&& each) {
    const Run run{cursor_};
    bind_from(cursor_, 0, values...);
    bool more = true;
    while (more && cursor_.step())
      [&]<int... Column>(std::integer_sequence<int, Column...>) {
        more = each(Kept<Columns>::get(cursor_, Column)...);
      }
    (std::make_integer_sequence<int, static_cast<int>(sizeof...(Columns))>{});
  }

  // The first column of the only row, or nothing.
  auto first(const Values&... values) {
    using First = std::tuple_element_t<0, std::tuple<Columns...>>;
    std::optional<First> found;
    run(values..., [&](First value, const auto&...) {
      if (!found) found = std::move(value);
    });
    return found;
  }

 private:
  Cursor cursor_;
};

}  // namespace systask::db
