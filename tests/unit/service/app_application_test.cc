#include "service/app/application.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <csignal>
#include <fstream>
#include <thread>

#include "net/client.h"
#include "scheduler/run.h"
#include "tasks/tasks.h"
#include "tests/support/scratch_folder.h"

namespace systask::service {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

// A whole service in a folder of its own, listening on a free port.
class ApplicationTest : public testing::Test {
 protected:
  ApplicationTest() {
    write("tasks.yaml", kTasks);
    write("service.secrets", "site A secret-of-the-site-A\n");
    chmod(folder_.file("service.secrets").c_str(), 0600);
  }

  void write(const std::string& name, const std::string& text) const {
    std::ofstream{folder_.file(name)} << text;
  }
  [[nodiscard]] Config config() const {
    const ConfigResult loaded = load_config(folder_.file("tasks.yaml"), tasks::task_names());
    EXPECT_FALSE(loaded.has_error());
    return *loaded;
  }
  static std::string get(const std::string& address, const std::string& path) {
    const std::size_t colon = address.rfind(':');
    const net::Address to{address.substr(0, colon), address.substr(colon + 1)};
    return net::http_request(to, "GET", path, "", "", 5s).body;
  }

  static constexpr const char* kTasks = R"(
service:
  database: sqlite3://systask.db
  listen: 127.0.0.1:0
  secrets: service.secrets
  markets: [1]
tasks:
  - {id: 1, name: expire-sites, every: 1h}
  - {id: 2, name: watch-clock, every: 1h}
)";
  const ScratchFolder folder_;
};

TEST_F(ApplicationTest, RunsOneTaskOnTheDatabaseAlone) {
  const auto run = Application{config()}.run_once("expire-sites", {});
  ASSERT_FALSE(run.has_error());
  EXPECT_EQ(run->state, scheduler::RunState::kSucceeded);
  EXPECT_THAT(run->detail, HasSubstr("0 sites live"));
  const auto failed = Application{config()}.run_once("watch-clock", {{"tolerance", "nonsense"}});
  ASSERT_FALSE(failed.has_error());
  EXPECT_EQ(failed->state, scheduler::RunState::kFailed);
  EXPECT_THAT(failed->detail, HasSubstr("tolerance"));
  EXPECT_TRUE(Application{config()}.run_once("no-such-task", {}).has_error());
}

TEST_F(ApplicationTest, RunsTasksThatAreNoCpp) {
  write("tasks.yaml", std::string{kTasks} + R"yaml(
  - {id: 3, name: program, timeout: 1m, run: {exec: [echo, "{task} {business_date}"]}}
  - id: 4
    name: note
    run: {sql: "create table note (n, t); insert into note values (:n, :task)"}
    parameters: {n: 7}
  - {id: 5, name: count, run: {sql: {statement: "select n, t from note", read_only: true}}}
  - {id: 6, name: tell, run: {publish: {topic: day.closed, body: '{"date": {business_date}}'}}}
  - {id: 7, name: ask, run: {http: {url: "http://127.0.0.1:1/", timeout: 1s}}}
)yaml");
  const auto said = [&](const std::string& task) {
    const auto run = Application{config()}.run_once(task, {});
    return run.has_error() ? run.error().message
                           : std::string{scheduler::name_of(run->state)} + ": " + run->detail;
  };
  EXPECT_THAT(said("program"), HasSubstr("bytes of output: program 20"));
  EXPECT_EQ(said("note"), "succeeded: 1 row changed");
  EXPECT_EQ(said("count"), "succeeded: 1 row read, the first: n=7, t=note");
  EXPECT_THAT(said("tell"), HasSubstr("succeeded: 18 bytes published to day.closed"));
  EXPECT_THAT(said("ask"), HasSubstr("failed: GET http://127.0.0.1:1/"));
}

TEST_F(ApplicationTest, ServesUntilItIsAskedToStop) {
  std::string ready;
  std::string metrics;
  std::thread caller;
  Application{config()}.run([&](const std::string& address) {
    caller = std::thread{[&, address] {
      ready = get(address, "/readyz");
      metrics = get(address, "/metrics");
      kill(getpid(), SIGTERM);
    }};
  });
  caller.join();
  EXPECT_THAT(ready, HasSubstr("ready"));
  EXPECT_THAT(metrics, HasSubstr("systask_business_date"));
  // The database is free again, and the state is found as it was left.
  EXPECT_FALSE(Application{config()}.run_once("expire-sites", {}).has_error());
}

TEST_F(ApplicationTest, ReloadsItsTasksAndKeepsThemWhereTheFileIsBad) {
  std::string before;
  std::string after;
  std::string kept;
  std::thread caller;
  Application application{config()};
  application.run([&](const std::string& address) {
    caller = std::thread{[&, address] {
      const auto until = [&](const std::string& text) {
        std::string tasks = get(address, "/api/tasks");
        for (int i = 0; i < 2'000 && tasks.find(text) == std::string::npos; ++i)
          tasks = get(address, "/api/tasks");
        return tasks;
      };
      before = get(address, "/api/tasks");
      write("tasks.yaml", std::string{kTasks} + "  - {id: 3, name: retry-outbox, every: 1h}\n");
      kill(getpid(), SIGHUP);
      after = until("retry-outbox");
      write("tasks.yaml", "tasks: [{id: 4, name: nonsense, every: 1h}]\n");
      kill(getpid(), SIGHUP);
      kept = get(address, "/api/tasks");
      kill(getpid(), SIGTERM);
    }};
  });
  caller.join();
  EXPECT_EQ(before.find("retry-outbox"), std::string::npos);
  EXPECT_THAT(after, HasSubstr("retry-outbox"));
  EXPECT_THAT(kept, HasSubstr("retry-outbox"));
}

TEST_F(ApplicationTest, OneDatabaseHasOneService) {
  const Application first{config()};
  EXPECT_THROW(Application{config()}, std::runtime_error);
}

TEST_F(ApplicationTest, SaysWhatToDoWithoutItsSecrets) {
  Config lacking = config();
  lacking.service.secrets = folder_.file("absent.secrets");
  try {
    const Application application{std::move(lacking)};
    FAIL() << "it was built without secrets";
  } catch (const std::runtime_error& error) {
    EXPECT_THAT(error.what(), HasSubstr("absent.secrets"));
  }
}

}  // namespace
}  // namespace systask::service
