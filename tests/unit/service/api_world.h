// An Api over a real engine on a clock, lanes and a ledger that the test moves by hand; a
// desk and tables that answer what the test says; and an executor that runs work at once,
// on the test's thread, unless the test holds it.
#pragma once

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "scheduler/engine/engine.h"
#include "service/api/api.h"
#include "service/api/plan_desk.h"
#include "service/api/tables.h"
#include "service/metrics/metrics.h"
#include "tests/support/manual_clock.h"
#include "tests/support/manual_lanes.h"
#include "tests/support/memory_holds.h"
#include "tests/support/memory_ledger.h"
#include "tests/unit/service/schema_check.h"

namespace systask::service {

struct FakeDesk final : PlanDesk {
  void create(trading::NewPlan plan, trading::Answer<trading::CreatedPlan> answer) override {
    created.push_back(std::move(plan));
    answer(refusal
               ? Result<trading::CreatedPlan>{*refusal}
               : trading::CreatedPlan{trading::PlanId{31}, "A", trading::BusinessDate{20260522}});
  }
  void change(trading::PlanId plan, trading::PlanRequest request, trading::Parameters parameters,
              const std::string& actor, const std::string& reason,
              trading::Answer<trading::LineNumber> answer) override {
    changes.push_back({plan, request, std::move(parameters), actor, reason});
    answer(refusal ? Result<trading::LineNumber>{*refusal} : trading::LineNumber{119});
  }
  void view(trading::PlanId, trading::Answer<trading::PlanView> answer) override {
    answer(refusal ? Result<trading::PlanView>{*refusal} : seen);
  }
  void drain(const std::string& site, const std::string& actor, const std::string& reason,
             trading::Answer<bool> answer) override {
    drained.push_back({site, actor, reason});
    answer(refusal ? Result<bool>{*refusal} : true);
  }
  void move(trading::PlanId plan, const std::string& to, const std::string& actor,
            const std::string& reason, trading::Answer<bool> answer) override {
    moved.push_back({std::to_string(plan.value()), to, actor, reason});
    answer(refusal ? Result<bool>{*refusal} : true);
  }
  void explain(trading::PlanId plan, trading::Answer<trading::Explained> answer) override {
    answer(refusal ? Result<trading::Explained>{*refusal}
                   : trading::Explained{plan, "A", "running", {{"A", "has it"}, {"B", "full"}}});
  }
  void decide(trading::Decision decision, trading::Answer<trading::Decided> answer) override {
    decisions.push_back(std::move(decision));
    answer(refusal
               ? Result<trading::Decided>{*refusal}
               : trading::Decided{"applied", trading::PlanId{31}, trading::LineNumber{9}, true});
  }
  void quarantined(trading::MessageNo message,
                   trading::Answer<trading::MessageRow> answer) override {
    trading::MessageRow row;
    row.no = message;
    row.reason = "too much";
    row.body = quarantined_body;
    answer(refusal ? Result<trading::MessageRow>{*refusal} : std::move(row));
  }
  void release(trading::PlanId plan, const std::string& actor, const std::string& reason,
               trading::Answer<bool> answer) override {
    moved.push_back({std::to_string(plan.value()), "released", actor, reason});
    answer(refusal ? Result<bool>{*refusal} : true);
  }
  [[nodiscard]] trading::IntakeCounts counts() const override {
    return {.replayed = 5, .duplicate = 3, .ids_reused = 2};
  }
  [[nodiscard]] std::size_t queue_depth() const override { return 4; }
  [[nodiscard]] trading::OrdersOutView orders_out() const override { return orders_out_now; }
  [[nodiscard]] std::vector<trading::DisputedName> disputed_names() const override {
    return {{"A", "10.0.0.1:5", "10.0.0.2:6", 7}};
  }
  [[nodiscard]] std::uint64_t replaced_logins() const override { return 3; }
  [[nodiscard]] bool takeovers_held() const override { return true; }
  [[nodiscard]] std::uint64_t times_takeovers_held() const override { return 2; }
  [[nodiscard]] trading::BusinessDate business_date() const override {
    return trading::BusinessDate{20260522};
  }

  struct Change {
    trading::PlanId plan;
    trading::PlanRequest request;
    trading::Parameters parameters;
    std::string actor;
    std::string reason;
  };
  std::optional<Refusal> refusal;
  trading::PlanView seen;
  trading::OrdersOutView orders_out_now{
      4, std::chrono::milliseconds{2'500}, "flow", {"flow", "spare"}};
  std::string quarantined_body = R"({"deal_amount":"9"})";
  std::vector<trading::NewPlan> created;
  std::vector<Change> changes;
  std::vector<std::vector<std::string>> drained;
  std::vector<std::vector<std::string>> moved;
  std::vector<trading::Decision> decisions;
};

// Answers one row that says what was asked.
struct FakeTables final : Tables {
  static Rows row(std::string_view asked, std::int64_t plan = 0, std::size_t limit = 0) {
    return {{{"asked", asked}, {"plan", plan}, {"limit", limit}}};
  }
  Page page(std::string_view asked, std::int64_t plan, const Asked& wanted) {
    after = wanted.after;
    return {row(asked, plan, wanted.limit), next};
  }
  Page plans(const Asked& asked) override {
    if (down) throw std::runtime_error("the disk is gone");
    return page("plans", 0, asked);
  }
  Page quarantined_plans(const Asked& asked) override { return page("quarantined", 0, asked); }
  Rows sites() override { return row("sites"); }
  Page orders(std::optional<trading::PlanId> plan, const Asked& asked) override {
    return page("orders", plan.value_or(trading::PlanId{-1}).value(), asked);
  }
  Page cache(std::optional<trading::PlanId> plan, const Asked& asked) override {
    return page("cache", plan.value_or(trading::PlanId{-1}).value(), asked);
  }
  Page quarantine(const Asked& asked) override { return page("quarantine", 0, asked); }
  Page recoveries(const WhichRecoveries& which) override {
    recoveries_wanted = which;
    Page some = page("recoveries", which.plan.value_or(trading::PlanId{0}).value(),
                     {which.limit, which.after});
    some.rows[0].as_object()["phase"] = "waiting";
    return some;
  }
  Rows trail(trading::PlanId plan) override {
    return plan == trading::PlanId{31} ? row("trail", 31) : Rows{};
  }
  Page audit(const std::string& object, TimePoint, const Asked& asked) override {
    return page("audit" + object, 0, asked);
  }
  StoredCounts counts() override {
    if (!uncounted.empty()) throw std::runtime_error(uncounted);
    return stored;
  }

  bool down = false;
  std::string next;             // the cursor of each page
  std::optional<Cursor> after;  // what was asked for last
  std::string uncounted;        // why the counts cannot be read
  WhichRecoveries recoveries_wanted;
  StoredCounts stored{.messages = {{"applied", 100}, {"cached", 12}, {"parked", 1}},
                      .plans = {{"running", 7}, {"abnormal", 2}},
                      .sites = {{"live", 2}, {"lost", 1}},
                      .cached = {2, 10},
                      .outbox = 6};
};

class ApiTest : public testing::Test {
 protected:
  ApiTest() {
    for (const char* name : {"a", "b"})
      registry.add(name, [this](const scheduler::RunContext& run) {
        parameters = run.parameters;
        *run.printed = printed;
        return body();
      });
    scheduler::TaskSpec off{.id = scheduler::TaskId{2}, .name = "b", .enabled = false};
    scheduler::TaskSpec on{.id = scheduler::TaskId{1}, .name = "a"};
    on.timetable = scheduler::parse_every_schedule("1m").value();
    on.schedule_text = "every 1m";
    const auto started = engine.start({on, off});
    if (started.has_error()) throw RefusedError(started.error());
  }

  // The answer, or nothing where none came yet.
  std::shared_ptr<std::optional<net::HttpResponse>> ask_later(
      const std::string& method, const std::string& path, const std::string& text = {},
      std::map<std::string, std::string> query = {}) {
    auto answer = std::make_shared<std::optional<net::HttpResponse>>();
    net::HttpRequest request{.method = method, .path = path, .query = std::move(query)};
    request.bearer = bearer;
    request.body = text;
    if (!text.empty()) request.content_type = content_type;
    request.remote = "127.0.0.1:5";
    api().handle(std::move(request), [answer, method, path](net::HttpResponse response) {
      EXPECT_FALSE(answer->has_value()) << "answered twice";
      // The rows of FakeTables say what was asked, and are none of the database's.
      const bool fake = response.body.find(R"("asked")") != std::string::npos;
      EXPECT_EQ(fake ? "" : against_document(method, path, response.status, response.body), "");
      *answer = std::move(response);
    });
    return answer;
  }
  net::HttpResponse ask(const std::string& method, const std::string& path,
                        const std::string& text = {},
                        std::map<std::string, std::string> query = {}) {
    const auto answer = ask_later(method, path, text, std::move(query));
    EXPECT_TRUE(answer->has_value()) << method << " " << path << " was not answered";
    return answer->value_or(net::HttpResponse{.status = 0});
  }
  boost::json::value get(const std::string& path, std::map<std::string, std::string> query = {}) {
    const auto response = ask("GET", path, {}, std::move(query));
    EXPECT_EQ(response.status, 200) << response.body;
    return boost::json::parse(response.body);
  }
  static std::string member(const net::HttpResponse& response, const char* name) {
    const auto whole = boost::json::parse(response.body);
    const auto* value = whole.as_object().if_contains(name);
    return value == nullptr ? "" : std::string{value->as_string()};
  }

  Api& api() {
    if (!api_)
      api_ = std::make_unique<Api>(ApiParts{
          .desk = desk,
          .engine = engine,
          .lanes = lanes,
          .ledger = ledger,
          .history = ledger,
          .attempts = attempts,
          .outputs = outputs,
          .tables = tables,
          .metrics = metrics,
          .clock = clock,
          .zone = Zone::find("Asia/Shanghai").value(),
          .version = "0.1.0",
          .tokens = token.empty() ? Tokens{} : Tokens::parse(token, "tokens").value(),
          .database_path = "/nowhere/systask.db",
          .post =
              [this](const std::function<void()>& work) {
                if (full) return false;
                work();
                return true;
              },
          .after = [this](
                       std::chrono::milliseconds delay,
                       std::function<void()> work) { timers.emplace_back(delay, std::move(work)); },
          .not_ready = [this] { return reason; },
          .audit =
              [this](const trading::AuditEntry& entry) {
                if (audit_down) throw std::runtime_error("the disk is gone");
                audited.push_back(entry);
              }});
    return *api_;
  }

  std::string token;   // the service's file of tokens; set it before the first request
  std::string bearer;  // of the requests
  std::string content_type = "application/json";  // of those that have a body
  bool full = false;                              // nobody takes work
  std::optional<std::string> reason;
  bool audit_down = false;
  std::vector<trading::AuditEntry> audited;
  std::function<std::string()> body = [] { return "done"; };
  scheduler::Parameters parameters;  // of the last run
  scheduler::Printed printed;        // by the next runs

  ManualClock clock{from_rfc3339("2026-05-22T01:30:00Z").value()};
  std::vector<std::pair<std::chrono::milliseconds, std::function<void()>>> timers;
  scheduler::MemoryLedger ledger;
  scheduler::MemoryAttempts attempts;
  scheduler::MemoryOutputs outputs;
  scheduler::Registry registry;
  scheduler::ManualLanes lanes;
  Metrics metrics;
  scheduler::Engine engine{{.clock = clock,
                            .ledger = ledger,
                            .store = ledger,
                            .lanes = lanes,
                            .registry = registry,
                            .business_date = [](TimePoint) { return 20260522; },
                            .observer = &metrics,
                            .attempts = &attempts,
                            .outputs = &outputs}};
  FakeDesk desk;
  FakeTables tables;

 private:
  std::unique_ptr<Api> api_;
};

}  // namespace systask::service
