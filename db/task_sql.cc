#include "db/task_sql.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "db/platform_tables.h"

namespace systask::db {
namespace {

constexpr const char* kNotForTasks =
    "the SQL of a task may not begin or end transactions, attach databases or set pragmas, since "
    "its run is one transaction on a connection that others use";

// Whether the statement changes what is in the schema, which the first two words name.
bool changes_schema(int action) {
  constexpr std::array kActions{
      SQLITE_CREATE_INDEX,      SQLITE_CREATE_TABLE,     SQLITE_CREATE_TEMP_INDEX,
      SQLITE_CREATE_TEMP_TABLE, SQLITE_CREATE_TEMP_VIEW, SQLITE_CREATE_TEMP_TRIGGER,
      SQLITE_CREATE_TRIGGER,    SQLITE_CREATE_VIEW,      SQLITE_CREATE_VTABLE,
      SQLITE_DROP_INDEX,        SQLITE_DROP_TABLE,       SQLITE_DROP_TEMP_INDEX,
      SQLITE_DROP_TEMP_TABLE,   SQLITE_DROP_TEMP_VIEW,   SQLITE_DROP_TEMP_TRIGGER,
      SQLITE_DROP_TRIGGER,      SQLITE_DROP_VIEW,        SQLITE_DROP_VTABLE,
      SQLITE_ALTER_TABLE};
  return std::ranges::find(kActions, action) != kActions.end();
}

std::string_view text_or_none(const char* text) {
  return text == nullptr ? std::string_view{} : std::string_view{text};
}

}  // namespace

bool is_platforms(std::string_view name) {
  constexpr std::array<std::string_view, 3> kBeginnings{"algojr_", "tstp_", "systask_"};
  const std::string small = in_small_letters(name);
  return std::ranges::any_of(kBeginnings, [&](auto begin) { return small.starts_with(begin); });
}

std::string in_small_letters(std::string_view name) {
  std::string small{name};
  std::ranges::transform(small, small.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return small;
}

void TaskSqlRights::watch(SqliteHandle* handle) {
  sqlite_api::sqlite3_set_authorizer(handle, authorize, this);
}

void TaskSqlRights::unwatch(SqliteHandle* handle) {
  sqlite_api::sqlite3_set_authorizer(handle, nullptr, nullptr);
}

int TaskSqlRights::authorize(void* self, int action, const char* first, const char* second,
                             const char*, const char*) {
  return static_cast<TaskSqlRights*>(self)->decide(action, text_or_none(first),
                                                   text_or_none(second));
}

int TaskSqlRights::decide(int action, std::string_view first, std::string_view second) {
  switch (action) {
    case SQLITE_TRANSACTION:
    case SQLITE_SAVEPOINT:
    case SQLITE_ATTACH:
    case SQLITE_DETACH: return refuse(kNotForTasks);
    case SQLITE_PRAGMA: return second.empty() ? SQLITE_OK : refuse(kNotForTasks);
    case SQLITE_INSERT:
    case SQLITE_UPDATE:
    case SQLITE_DELETE:
      if (!own_ || !is_platforms(first) || may_write_.contains(in_small_letters(first)))
        return SQLITE_OK;
      return refuse(fmt::format(
          "it would change {0}, a table of the platform, which a task may only read: if "
          "it must, name the table, `allow: {{write: [{0}]}}`",
          first));
    default: break;
  }
  if (!own_ || !changes_schema(action)) return SQLITE_OK;
  for (const std::string_view name : {first, second})
    if (is_platforms(name))
      return refuse(fmt::format(
          "it would make, change or drop {}, and names that begin with algojr_, tstp_ or systask_ "
          "are the platform's: a task may have tables, indexes and triggers of its own",
          name));
  return SQLITE_OK;
}

int TaskSqlRights::refuse(std::string why) {
  why_ = std::move(why);
  return SQLITE_DENY;
}

}  // namespace systask::db
