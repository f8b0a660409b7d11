// Runs over HTTP: filters, pages, what frequent tasks did, one run in full, and waiting for one.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <optional>

#include "service/api/task_names.h"
#include "tests/unit/service/api_world.h"

namespace systask::service {
namespace {

namespace json = boost::json;
using scheduler::RunId;
using scheduler::RunRow;
using scheduler::RunState;
using scheduler::TaskId;
using scheduler::Trigger;
using testing::HasSubstr;

class ApiRunsTest : public ApiTest {
 protected:
  // Of the task, begun that many seconds after 09:30 of 2026-05-22, in Shanghai.
  void add(int task, int second, int id, RunState state, Trigger trigger = Trigger::kSchedule) {
    const TimePoint at = clock.now() + std::chrono::seconds{second};
    RunRow row{.key = {at, TaskId{task}, trigger == Trigger::kSchedule ? 0 : id},
               .id = RunId{id},
               .trigger = trigger,
               .state = state,
               .business_date = 20260522,
               .last_nominal = at,
               .claimed_at = at,
               .started_at = at + std::chrono::milliseconds{12},
               .finished_at = at + std::chrono::milliseconds{317},
               .detail = "no disk"};
    if (is_open(state)) row.started_at = row.finished_at = std::nullopt;
    ledger.record(std::span{&row, 1});
  }
  std::vector<int> ids(std::map<std::string, std::string> query) {
    std::vector<int> found;
    const json::value page = get("/api/runs", std::move(query));
    for (const json::value& run : page.at("runs").as_array())
      found.push_back(static_cast<int>(run.at("run").as_int64()));
    return found;
  }
  std::string refusal(std::map<std::string, std::string> query) {
    const auto response = ask("GET", "/api/runs", {}, std::move(query));
    EXPECT_EQ(response.status, 400) << response.body;
    return member(response, "detail");
  }
};
using Ids = std::vector<int>;

TEST_F(ApiRunsTest, AreFilteredByWhatIsAsked) {
  add(1, -90'000, 1, RunState::kFailed);
  add(1, -3600, 2, RunState::kTimedOut);
  add(1, -1800, 3, RunState::kSucceeded);
  add(2, -60, 4, RunState::kSkippedPaused);
  add(2, -30, 5, RunState::kFailed, Trigger::kManual);
  EXPECT_EQ(ids({}), (Ids{5, 4, 3, 2, 1}));
  EXPECT_EQ(ids({{"since", "today"}, {"outcome", "failed"}}), (Ids{5, 2}));
  EXPECT_EQ(ids({{"since", "yesterday"}, {"until", "today"}}), (Ids{1}));
  EXPECT_EQ(ids({{"since", "40m ago"}}), (Ids{5, 4, 3}));
  EXPECT_EQ(ids({{"since", "09:00"}, {"until", "09:29:15"}}), (Ids{4, 3}));
  EXPECT_EQ(ids({{"outcome", "skipped,timed_out"}}), (Ids{4, 2}));
  EXPECT_EQ(ids({{"trigger", "manual"}}), (Ids{5}));
  EXPECT_EQ(ids({{"task", "b"}}), (Ids{5, 4}));
  EXPECT_EQ(ids({{"task", "2"}}), (Ids{5, 4}));
  EXPECT_EQ(ids({{"task", "?"}, {"order", "started"}, {"limit", "2"}}), (Ids{5, 4}));
  const json::value run = get("/api/runs", {{"limit", "1"}}).at("runs").at(0);
  EXPECT_EQ(run.at("waited_ms"), 12);
  EXPECT_EQ(run.at("took_ms"), 305);
  EXPECT_EQ(run.at("state"), "ended");
  EXPECT_EQ(run.at("task_id"), 2);
}

TEST_F(ApiRunsTest, WhatCannotBeAskedIsRefusedWithWhatCan) {
  EXPECT_THAT(refusal({{"outcome", "faild"}}), HasSubstr("'faild', expected one or several"));
  EXPECT_THAT(refusal({{"outcome", "failed,"}}), HasSubstr("timed_out"));
  EXPECT_THAT(refusal({{"trigger", "me"}}), HasSubstr("schedule, manual, event, after, backfill"));
  EXPECT_THAT(refusal({{"order", "id"}}), HasSubstr("nominal (when it was due) or started"));
  EXPECT_THAT(refusal({{"since", "monday"}}), HasSubstr("'since': 'monday' is no time"));
  EXPECT_THAT(refusal({{"until", "25:00"}}), HasSubstr("'until'"));
  EXPECT_THAT(refusal({{"limit", "10001"}}), HasSubstr("a number from 1 to 10000"));
  EXPECT_THAT(refusal({{"limit", "0"}}), HasSubstr("a number from 1 to 10000"));
  EXPECT_THAT(refusal({{"after", "7"}}), HasSubstr("what the last page says as `next`"));
  EXPECT_THAT(refusal({{"fold", "yes"}}), HasSubstr("true or false"));
  EXPECT_THAT(refusal({{"outcom", "failed"}}), HasSubstr("did you mean 'outcome'?"));
  EXPECT_EQ(ask("GET", "/api/runs", {}, {{"task", "nobody*"}}).status, 404);
}

TEST_F(ApiRunsTest, APageSaysWhereTheNextBegins) {
  for (int id = 1; id <= 7; ++id)
    add(1, id / 3, id, RunState::kFailed, Trigger::kManual);
  Ids found;
  std::map<std::string, std::string> query{{"limit", "3"}};
  for (;;) {
    const json::value page = get("/api/runs", query);
    for (const json::value& run : page.at("runs").as_array())
      found.push_back(static_cast<int>(run.at("run").as_int64()));
    if (page.at("next").is_null()) break;
    query["after"] = std::string{page.at("next").as_string()};
  }
  EXPECT_EQ(found, (Ids{7, 6, 5, 4, 3, 2, 1}));
}

// "a" runs each minute, "b" is on demand: the successes of the first are told as a number.
TEST_F(ApiRunsTest, SuccessesOfFrequentTasksAreFolded) {
  for (int n = 1; n <= 60; ++n)
    add(1, -60 * n, n, n == 30 ? RunState::kFailed : RunState::kSucceeded);
  add(2, -4'000, 70, RunState::kSucceeded);
  EXPECT_EQ(ids({{"fold", "true"}}), (Ids{30, 70}));
  const json::value folded = get("/api/runs", {{"fold", "true"}}).at("folded");
  ASSERT_EQ(folded.as_array().size(), 1U);
  EXPECT_EQ(folded.at(0).at("task"), "a");
  EXPECT_EQ(folded.at(0).at("count"), 59);
  EXPECT_EQ(folded.at(0).at("first"), "2026-05-22T08:30:00+08:00");
  EXPECT_EQ(folded.at(0).at("last"), "2026-05-22T09:29:00+08:00");
  // Each page counts its own part of the time.
  const json::value first = get("/api/runs", {{"fold", "true"}, {"limit", "1"}});
  const json::value second =
      get("/api/runs",
          {{"fold", "true"}, {"limit", "1"}, {"after", std::string{first.at("next").as_string()}}});
  EXPECT_EQ(first.at("folded").at(0).at("count"), 29);
  EXPECT_EQ(second.at("folded").at(0).at("count"), 30);
  EXPECT_EQ(ids({{"limit", "3"}}), (Ids{1, 2, 3}));
  EXPECT_EQ(ids({{"fold", "true"}, {"task", "a"}, {"limit", "3"}}), (Ids{1, 2, 3}));
}

TEST_F(ApiRunsTest, FrequentTasksThatAreNotCountedAreToldByNumber) {
  EXPECT_EQ(get("/api/runs", {{"fold", "true"}}).at("folded_left_out"), 0);
  std::vector<scheduler::TaskSpec> specs;
  for (int id = 1; id <= 102; ++id) {
    scheduler::TaskSpec spec{.id = TaskId{id}, .name = "a" + std::to_string(id), .body = "a"};
    spec.timetable = scheduler::parse_every_schedule("1s").value();
    specs.push_back(spec);
  }
  ASSERT_TRUE(engine.reload(specs));
  const json::value page = get("/api/runs", {{"fold", "true"}});
  EXPECT_EQ(page.at("folded_left_out"), 2);
  EXPECT_EQ(get("/api/runs", {{"fold", "false"}}).at("folded_left_out"), 0);
}

TEST_F(ApiRunsTest, ATaskThatLeftKeepsItsHistoryAndItsName) {
  api();
  add(1, -60, 5, RunState::kFailed);
  add(9, -60, 6, RunState::kFailed);  // left before names were kept
  scheduler::TaskSpec b{.id = TaskId{2}, .name = "b"};
  ASSERT_TRUE(engine.reload({b}));
  EXPECT_EQ(ids({{"task", "a"}}), (Ids{5}));
  EXPECT_EQ(ids({{"task", "1"}}), (Ids{5}));
  EXPECT_EQ(ids({{"task", "9"}}), (Ids{6}));
  const json::array runs = get("/api/runs").at("runs").as_array();
  EXPECT_EQ(runs.at(0).at("task"), "9");
  EXPECT_EQ(runs.at(1).at("task"), "a");
  EXPECT_EQ(runs.at(1).at("gone"), true);
  const json::value task = get("/api/tasks/a");
  EXPECT_EQ(task.at("state"), "gone");
  EXPECT_EQ(task.at("schedule"), "every 1m");
  EXPECT_EQ(task.at("runs").as_array().size(), 1U);
  EXPECT_EQ(get("/api/tasks/2").at("name"), "b");
  EXPECT_EQ(ask("GET", "/api/tasks/nobody").status, 404);
  EXPECT_EQ(ask("GET", "/api/tasks/*").status, 400);
}

TEST_F(ApiRunsTest, OneRunSaysWhoAskedWithWhatAndWhatItPrinted) {
  body = []() -> std::string { throw std::runtime_error("status 3"); };
  printed = {.text = "no disk\n", .total = 90'000, .cut = 89'992};
  ask_later("POST", "/api/tasks/a/run",
            R"({"actor":"bob","reason":"see ticket 9","parameters":{"date":"20260521"}})");
  lanes.run_all();
  const json::value run = get("/api/runs/1");
  EXPECT_EQ(run.at("task"), "a");
  EXPECT_EQ(run.at("outcome"), "failed");
  EXPECT_EQ(run.at("actor"), "bob");
  EXPECT_EQ(run.at("reason"), "see ticket 9");
  EXPECT_EQ(run.at("parameters"), (json::value{{"date", "20260521"}}));
  EXPECT_EQ(run.at("output"), json::parse(R"([{"attempt":1,"bytes":90000,"cut":89992,
                                               "text":"no disk\n"}])"));
  EXPECT_TRUE(run.at("attempts").as_array().empty());
  EXPECT_EQ(ask("GET", "/api/runs/77").status, 404);
  EXPECT_EQ(ask("GET", "/api/runs/last").status, 400);
}

TEST_F(ApiRunsTest, AnOpenRunRunsOrWaitsAndSaysForWhat) {
  api();
  ask("POST", "/api/lanes/1/pause", R"({"reason":"disk","actor":"bob"})");
  ask_later("POST", "/api/tasks/a/run");
  for (const json::value& run : {get("/api/runs").at("runs").at(0), get("/api/runs/1")}) {
    EXPECT_EQ(run.at("state"), "waits");
    EXPECT_EQ(run.at("outcome"), "waits");
    EXPECT_EQ(run.at("detail"), "for lane 1, which is paused by bob (disk)");
  }
  EXPECT_EQ(ids({{"outcome", "waits"}}), Ids{1});
  EXPECT_EQ(ids({{"outcome", "runs"}}), Ids{});
  ask("POST", "/api/lanes/1/resume", R"({"reason":"disk"})");
  body = [this] {
    EXPECT_EQ(get("/api/runs/1").at("outcome"), "runs");
    EXPECT_EQ(get("/api/runs/1").at("detail"), "since 2026-05-22T09:30:00+08:00");
    EXPECT_EQ(ids({{"outcome", "runs"}}), Ids{1});
    return std::string{"done"};
  };
  lanes.run_all();
  EXPECT_EQ(get("/api/runs/1").at("state"), "ended");
}

TEST_F(ApiRunsTest, WhoWaitsIsAnsweredInTimeWithWhereTheRunIs) {
  api();
  ask("POST", "/api/lanes/1/pause", R"({"reason":"disk","actor":"bob"})");
  const auto at_once = ask("POST", "/api/tasks/a/run", R"({"wait_ms":0})");
  EXPECT_EQ(at_once.status, 202);
  EXPECT_EQ(member(at_once, "detail"), "for lane 1, which is paused by bob (disk)");

  const auto waiting = std::make_shared<std::optional<net::HttpResponse>>();
  net::HttpRequest request{.method = "GET", .path = "/api/runs/1", .query = {{"wait_ms", "5000"}}};
  const auto look = [&](const auto& into) {
    api().handle(request, [into](net::HttpResponse response) { *into = std::move(response); });
  };
  look(waiting);
  EXPECT_FALSE(waiting->has_value());
  ASSERT_EQ(timers.size(), 1U);
  EXPECT_EQ(timers[0].first, std::chrono::milliseconds{5'000});
  timers[0].second();
  ASSERT_TRUE(waiting->has_value());
  EXPECT_EQ(member(**waiting, "state"), "waits");

  const auto ended = std::make_shared<std::optional<net::HttpResponse>>();
  look(ended);
  ask("POST", "/api/lanes/1/resume", R"({"reason":"disk"})");
  lanes.run_all();
  ASSERT_TRUE(ended->has_value());
  EXPECT_EQ(member(**ended, "outcome"), "succeeded");
  timers[1].second();  // too late: it has been answered
  EXPECT_EQ(ask("GET", "/api/runs/1", {}, {{"wait_ms", "60001"}}).status, 400);
  EXPECT_EQ(ask("POST", "/api/tasks/a/run", R"({"wait_ms":-1})").status, 400);
}

TEST(TaskNames, APatternFitsTheWholeName) {
  EXPECT_TRUE(fits("watch-disk", "watch-*"));
  EXPECT_TRUE(fits("watch-disk", "*disk"));
  EXPECT_TRUE(fits("watch-disk", "w*-d?sk"));
  EXPECT_TRUE(fits("aab", "*ab"));
  EXPECT_TRUE(fits("", "*"));
  EXPECT_FALSE(fits("watch-disk", "watch"));
  EXPECT_FALSE(fits("watch-disk", "watch-disk?"));
  EXPECT_FALSE(fits("watch", "Watch"));
  EXPECT_FALSE(fits("", "?"));
}

}  // namespace
}  // namespace systask::service
