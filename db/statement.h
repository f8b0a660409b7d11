// Prepared statements in the types of the domain. Command<PlanId, Quantity> takes a plan
// and a quantity, in the order of the statement's ":names", and nothing else compiles;
// Query<Params<PlanId>, OrderId, std::string> gives rows of those two columns.
//
// A statement belongs to its connection and is used by whoever holds its lease. Values are
// copied into cells that live as long as the statement, since the driver keeps references.
// A query is always read to its end, so that it never holds a snapshot open.
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

namespace systask::db {

// How a type of the domain is kept: Kept<T>::Type, from(T) and to(Type).
template <class T>
struct Kept;

template <>
struct Kept<std::string> {
  using Type = std::string;
  static void from(const std::string& value, Type& kept) { kept = value; }
  static std::string to(const Type& kept) { return kept; }
};
template <>
struct Kept<bool> {
  using Type = int;
  static void from(bool value, Type& kept) { kept = value ? 1 : 0; }
  static bool to(Type kept) { return kept != 0; }
};
template <std::integral T>
struct Kept<T> {
  using Type = std::conditional_t<(sizeof(T) > 4), std::int64_t, std::int32_t>;
  static void from(T value, Type& kept) { kept = static_cast<Type>(value); }
  static T to(Type kept) { return static_cast<T>(kept); }
};
template <>
struct Kept<TimePoint> {
  using Type = std::int64_t;
  static void from(TimePoint value, Type& kept) { kept = to_micros(value); }
  static TimePoint to(Type kept) { return from_micros(kept); }
};
template <class T, class Tag>
struct Kept<Named<T, Tag>> {
  using Type = typename Kept<T>::Type;
  static void from(const Named<T, Tag>& value, Type& kept) { Kept<T>::from(value.value(), kept); }
  static Named<T, Tag> to(const Type& kept) { return Named<T, Tag>{Kept<T>::to(kept)}; }
};
// An enumeration of characters is one character; any other is its number.
template <class T>
requires std::is_enum_v<T>
struct Kept<T> {
  static constexpr bool kIsChar = std::is_same_v<std::underlying_type_t<T>, char>;
  using Type = std::conditional_t<kIsChar, char, std::int32_t>;
  static void from(T value, Type& kept) { kept = static_cast<Type>(value); }
  static T to(Type kept) { return static_cast<T>(kept); }
};

using Prepared = soci::details::prepare_temp_type;

// Where one value lives while the driver reads or writes it.
template <class T>
class Cell {
 public:
  void set(const T& value) { Kept<T>::from(value, kept_); }
  // NULL, which only somebody else's row can hold here, reads as the empty value.
  [[nodiscard]] T get() const { return null_ == soci::i_null ? T{} : Kept<T>::to(kept_); }
  void give_to(Prepared& prepared) { prepared, soci::use(kept_); }
  void take_from(Prepared& prepared) { prepared, soci::into(kept_, null_); }

 private:
  typename Kept<T>::Type kept_{};
  soci::indicator null_ = soci::i_ok;
};

template <class T>
class Cell<std::optional<T>> {
 public:
  void set(const std::optional<T>& value) {
    null_ = value ? soci::i_ok : soci::i_null;
    if (value) Kept<T>::from(*value, kept_);
  }
  [[nodiscard]] std::optional<T> get() const {
    return null_ == soci::i_null ? std::nullopt : std::optional<T>{Kept<T>::to(kept_)};
  }
  void give_to(Prepared& prepared) { prepared, soci::use(kept_, null_); }
  void take_from(Prepared& prepared) { prepared, soci::into(kept_, null_); }

 private:
  typename Kept<T>::Type kept_{};
  soci::indicator null_ = soci::i_ok;
};

template <class... Values>
class Command {
 public:
  Command(soci::session& sql, std::string_view text) : statement_(prepare(sql, text)) {}
  Command(const Command&) = delete;
  Command& operator=(const Command&) = delete;

  // The number of rows inserted, updated or deleted.
  std::int64_t run(const Values&... values) {
    std::apply([&](auto&... cell) { (cell.set(values), ...); }, cells_);
    statement_.execute(true);
    return statement_.get_affected_rows();
  }

 private:
  soci::statement prepare(soci::session& sql, std::string_view text) {
    Prepared prepared = sql.prepare << std::string{text};
    std::apply([&](auto&... cell) { (cell.give_to(prepared), ...); }, cells_);
    return soci::statement{prepared};
  }

  std::tuple<Cell<Values>...> cells_;
  soci::statement statement_;
};

template <class... Values>
struct Params {};

template <class Given, class... Columns>
class Query;

template <class... Values, class... Columns>
class Query<Params<Values...>, Columns...> {
 public:
  Query(soci::session& sql, std::string_view text) : statement_(prepare(sql, text)) {}
  Query(const Query&) = delete;
  Query& operator=(const Query&) = delete;

  // Calls each(columns...) for every row. `each` must not use this statement again.
  template <class Each>
  void run(const Values&... values, Each&& each) {
    std::apply([&](auto&... cell) { (cell.set(values), ...); }, given_);
    statement_.execute(false);
    while (statement_.fetch()) {
      std::apply([&](const auto&... cell) { each(cell.get()...); }, row_);
    }
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
  soci::statement prepare(soci::session& sql, std::string_view text) {
    Prepared prepared = sql.prepare << std::string{text};
    std::apply([&](auto&... cell) { (cell.give_to(prepared), ...); }, given_);
    std::apply([&](auto&... cell) { (cell.take_from(prepared), ...); }, row_);
    return soci::statement{prepared};
  }

  std::tuple<Cell<Values>...> given_;
  std::tuple<Cell<Columns>...> row_;
  soci::statement statement_;
};

}  // namespace systask::db
