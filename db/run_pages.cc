#include "db/run_pages.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "db/run_rows.h"
#include "db/statement.h"

namespace systask::db {
namespace {

using scheduler::HistoryQuery;
using scheduler::ordered_by;
using scheduler::RunCursor;
using scheduler::RunOrder;
using scheduler::RunRow;
using scheduler::RunState;
using scheduler::TaskId;
using scheduler::Trigger;

constexpr std::string_view kStarted = "coalesce(started_at_us, finished_at_us, claimed_at_us)";
// How far back the runs of several tasks are looked for at once, before looking further.
constexpr std::array<Micros, 4> kLookBack{std::chrono::minutes{10}, std::chrono::hours{3},
                                          std::chrono::days{1}, std::chrono::days{8}};

std::int64_t micros(TimePoint at) { return to_micros(at); }

template <class Named>
std::string names_of(const std::vector<Named>& values) {
  std::string text;
  for (const Named value : values)
    text += fmt::format("{}'{}'", text.empty() ? "" : ",", name_of(value));
  return text;
}

bool wants(const HistoryQuery& query, RunState state) {
  return query.states.empty() || std::ranges::count(query.states, state) > 0;
}
bool wants_usual(const HistoryQuery& query) {
  return wants(query, RunState::kSucceeded) &&
         (query.triggers.empty() || std::ranges::count(query.triggers, Trigger::kSchedule) > 0);
}
bool wants_open(const HistoryQuery& query) {
  return wants(query, RunState::kClaimed) || wants(query, RunState::kWaiting);
}

// A span of the time that orders rows, [since, until), and where in it a page begins.
struct Span {
  TimePoint since;
  TimePoint until;
  std::optional<RunCursor> after;
};

// "and …" for each of what the query and the span ask; `at`: what orders the rows.
std::string conditions(const HistoryQuery& query, const Span& span, std::string_view at,
                       std::string_view run_id) {
  std::string text;
  const auto add = [&]<class... Parts>(fmt::format_string<Parts...> format, Parts&&... parts) {
    text += " and " + fmt::format(format, std::forward<Parts>(parts)...);
  };
  if (span.since != TimePoint::min()) add("{} >= {}", at, micros(span.since));
  if (span.until != TimePoint::max()) add("{} < {}", at, micros(span.until));
  if (span.after) {
    add("{} <= {}", at, micros(span.after->at));
    add("({} < {} or {} < {})", at, micros(span.after->at), run_id, span.after->run.value());
  }
  if (query.tasks) add("task_id in ({})", ids_of(*query.tasks));
  if (!query.states.empty()) add("run_state in ({})", names_of(query.states));
  if (!query.triggers.empty()) add("run_trigger in ({})", names_of(query.triggers));
  return text;
}

// The reads of one page, on one connection in one transaction.
class PageReads {
 public:
  PageReads(soci::session& sql, const HistoryQuery& query) : sql_(sql), query_(query) {
    Query<Params<>, TimePoint> indexed{sql_, "select indexed_us from tstp_systemtask_run_indexed"};
    indexed_ = indexed.first().value_or(TimePoint::min());
  }

  // One row more than a page has, where there is one.
  std::vector<RunRow> rows() {
    const Span whole{query_.since, query_.until, query_.after};
    std::vector<RunRow> found = unusual(whole);
    if (wants_open(query_)) add(found, open(whole));
    if (wants_usual(query_))
      add(found, query_.order == RunOrder::kNominal ? usual(whole, most()) : usual_by_start(whole));
    order(found);
    return found;
  }

 private:
  [[nodiscard]] std::size_t most() const { return query_.limit + 1; }
  [[nodiscard]] std::string_view at() const {
    return query_.order == RunOrder::kNominal ? "nominal_us" : kStarted;
  }
  static void add(std::vector<RunRow>& rows, std::vector<RunRow> more) {
    std::ranges::move(more, std::back_inserter(rows));
  }
  void order(std::vector<RunRow>& rows) const {
    std::ranges::sort(rows, std::ranges::greater{}, [this](const RunRow& row) {
      return RunCursor{ordered_by(query_.order, row), row.id};
    });
    if (rows.size() > most()) rows.resize(most());
  }
  std::vector<RunRow> ask(const std::string& text) {
    RunRows<> rows{sql_, text};
    return rows.all();
  }

  std::vector<RunRow> unusual(const Span& span) {
    return ask(fmt::format(
        "select {} from (select nominal_us, task_id, run_key from tstp_systemtask_run "
        "where {}{} order by {} desc, run_id desc limit {}) k join tstp_systemtask_run r "
        "on r.nominal_us = k.nominal_us and r.task_id = k.task_id and r.run_key = k.run_key",
        run_columns("r."), kUnusualRuns, conditions(query_, span, at(), "run_id"), at(), most()));
  }

  std::vector<RunRow> open(const Span& span) {
    return ask(fmt::format(
        "select {} from tstp_systemtask_run_all where {}{} order by {} desc, run_id desc limit {}",
        run_columns(), kOpenRuns, conditions(query_, span, at(), "run_id"), at(), most()));
  }

  // Usual runs in the order of their nominal times, of which the span speaks here.
  std::vector<RunRow> usual(const Span& span, std::size_t limit) {
    const auto& tasks = query_.usual_of ? query_.usual_of : query_.tasks;
    if (!tasks) return usual_of_all(span, limit);
    if (tasks->empty()) return {};
    std::vector<RunRow> found = usual_in_tail(*tasks, span, limit);
    TimePoint until = std::min(span.until, indexed_ + Micros{1});
    if (span.after) until = std::min(until, span.after->at + Micros{1});
    // From a part of the time to the next: a page of frequent runs is full soon, and one of
    // rare ones has few to sort.
    for (std::size_t i = 0; i <= kLookBack.size() && until > span.since; ++i) {
      if (found.size() >= limit) break;
      const bool rest = i == kLookBack.size() || until < TimePoint::min() + kLookBack[i];
      const TimePoint from = rest ? span.since : std::max(span.since, until - kLookBack[i]);
      add(found, usual_indexed(*tasks, {from, until, span.after}, limit - found.size()));
      until = from;
    }
    return found;
  }

  std::vector<RunRow> usual_of_all(const Span& span, std::size_t limit) {
    return ask(
        fmt::format("select {} from tstp_systemtask_run r where {}{} "
                    "order by r.nominal_us desc, r.run_id desc limit {}",
                    run_columns("r."), kUsualRuns, bounds(span, "r."), limit));
  }
  std::vector<RunRow> usual_in_tail(const std::vector<TaskId>& tasks, const Span& span,
                                    std::size_t limit) {
    return ask(fmt::format(
        "select {} from tstp_systemtask_run r where r.nominal_us > {} and {}{} "
        "and r.task_id in ({}) order by r.nominal_us desc, r.run_id desc "
        "limit {}",
        run_columns("r."), micros(indexed_), kUsualRuns, bounds(span, "r."), ids_of(tasks), limit));
  }
  std::vector<RunRow> usual_indexed(const std::vector<TaskId>& tasks, const Span& span,
                                    std::size_t limit) {
    return ask(fmt::format(
        "select {} from tstp_systemtask_run_of_task i join tstp_systemtask_run r "
        "on r.nominal_us = i.nominal_us and r.task_id = i.task_id and r.run_key = i.run_key "
        "where i.task_id in ({}) and {}{} order by i.nominal_us desc, r.run_id desc limit {}",
        run_columns("r."), ids_of(tasks), kUsualRuns, bounds(span, "i."), limit));
  }
  static std::string bounds(const Span& span, std::string_view table) {
    const std::string nominal = fmt::format("{}nominal_us", table);
    return conditions({}, span, nominal, "r.run_id");
  }

  // A usual run begins within a minute of its time: what is seen of earlier times than that cannot
  // come before what is known.
  std::vector<RunRow> usual_by_start(const Span& span) {
    constexpr std::size_t kFirst = 100;
    constexpr std::size_t kMost = 20'000;
    const auto inside = [&](const RunRow& row) {
      const RunCursor place{*row.started_at, row.id};
      return place.at >= span.since && place.at < span.until && (!span.after || place < span.after);
    };
    Span rest{
        .since = span.since == TimePoint::min() ? span.since : span.since - scheduler::kUsualDelay,
        .until = span.until,
        .after = {}};
    if (span.after) rest.until = std::min(rest.until, span.after->at + Micros{1});
    std::vector<RunRow> found;
    for (std::size_t some = most() + kFirst;; some = std::min(2 * some, std::max(some, kMost))) {
      std::vector<RunRow> chunk = usual(rest, some);
      const bool last = chunk.size() < some;
      order_by_nominal(chunk);
      if (!chunk.empty()) rest.after = RunCursor{chunk.back().key.nominal, chunk.back().id};
      std::erase_if(chunk, [&](const RunRow& row) { return !inside(row); });
      add(found, std::move(chunk));
      order(found);
      if (last) return found;
      if (found.size() == most() &&
          *found.back().started_at > rest.after->at + scheduler::kUsualDelay)
        return found;
    }
  }
  static void order_by_nominal(std::vector<RunRow>& rows) {
    std::ranges::sort(rows, std::ranges::greater{}, [](const RunRow& row) {
      return RunCursor{row.key.nominal, row.id};
    });
  }

  soci::session& sql_;
  const HistoryQuery& query_;
  TimePoint indexed_{};
};

}  // namespace

std::string ids_of(std::span<const TaskId> tasks) {
  std::string text;
  for (const TaskId task : tasks)
    fmt::format_to(std::back_inserter(text), "{}{}", text.empty() ? "" : ",", task.value());
  return text.empty() ? "null" : text;
}

std::vector<RunRow> page_rows(soci::session& sql, const HistoryQuery& query) {
  return PageReads{sql, query}.rows();
}

}  // namespace systask::db
