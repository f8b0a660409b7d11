#include "tasks/kinds/exec.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <thread>

#include "tasks/kinds/child.h"
#include "tests/support/scratch_folder.h"
#include "tests/unit/tasks/kind_world.h"

namespace systask::tasks {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

std::size_t open_descriptors() {
  return static_cast<std::size_t>(
      std::distance(std::filesystem::directory_iterator{"/proc/self/fd"}, {}));
}

// A named pipe through which a program tells the test how far it is, and, since the end of
// its last holder is the end of the pipe, that nobody is left.
class Signpost {
 public:
  Signpost() {
    EXPECT_EQ(::mkfifo(path().c_str(), 0600), 0);
    descriptor_ = ::open(path().c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  }
  Signpost(const Signpost&) = delete;
  Signpost& operator=(const Signpost&) = delete;
  ~Signpost() { ::close(descriptor_); }

  [[nodiscard]] std::string path() const { return folder_.file("signpost"); }
  [[nodiscard]] bool written() const { return wait_for(POLLIN); }
  [[nodiscard]] bool nobody_holds_it() const { return wait_for(POLLHUP); }

 private:
  [[nodiscard]] bool wait_for(short event) const {
    char byte = 0;
    pollfd one{descriptor_, event, 0};
    while (::poll(&one, 1, 10'000) == 1) {
      if ((one.revents & event) != 0) return true;
      static_cast<void>(::read(descriptor_, &byte, 1));
    }
    return false;
  }

  ScratchFolder folder_;
  int descriptor_ = -1;
};

Exec shell(const KindRun& run, const std::string& script) {
  return {.arguments = {run.text("/bin/sh"), run.text("-c"), run.text(script)}};
}

TEST(Exec, SaysHowItEndedAndWhatItSaid) {
  const KindRun run;
  const std::vector<std::pair<std::string, std::string>> cases{
      {"exit 0", "exit status 0"},
      {"echo one; echo two >&2", "exit status 0; 8 bytes of output: one | two"},
      {"echo no; exit 3",
       "failed: /bin/sh did not end with exit status 0: exit status 3; 3 bytes of output: "
       "no"},
      {"kill -SEGV $$",
       "failed: /bin/sh did not end with exit status 0: ended by SIGSEGV (Segmentation "
       "fault)"},
      {"kill -KILL 0", "failed: /bin/sh did not end with exit status 0: ended by SIGKILL (Killed)"},
      {"cat", "exit status 0"},  // nothing to read
      {"printf 'a\\001\\377\\tb'", "exit status 0; 5 bytes of output: a?? b"},
      {"echo {business_date} {nominal} {run_id} {attempt} {depth} {label}; echo ${{HOME} >&2",
       "exit status 0; "}};
  for (const auto& [script, outcome] : cases)
    EXPECT_THAT(run.outcome(exec_body(shell(run, script))), StartsWith(outcome)) << script;
  EXPECT_THAT(run.outcome(exec_body(shell(run, cases.back().first))),
              HasSubstr("20260522 2026-05-22T07:15:00Z 42 2 5 of 20260522"));
}

TEST(Exec, GivesEnvironmentDirectoryAndExpectedStatuses) {
  const KindRun run;
  Exec exec = shell(run, "echo $SYSTASK_TASK $SYSTASK_RUN_ID $A $HOME; pwd; exit 24");
  exec.environment = {{"A", run.text("b {run_id}")}, {"HOME", run.text("/nowhere")}};
  exec.directory = "/usr";
  exec.expected = {0, 24};
  EXPECT_EQ(run.outcome(exec_body(exec)),
            "exit status 24; 29 bytes of output: report 42 b 42 /nowhere | /usr");
}

TEST(Exec, FailsWhereNothingCanBeStarted) {
  const KindRun run;
  Exec exec{.arguments = {run.text("no-such-program")}};
  EXPECT_THAT(run.outcome(exec_body(exec)), AllOf(StartsWith("failed: no-such-program was not "
                                                             "started: No such file"),
                                                  HasSubstr("check its path")));
  exec.directory = "/no/such/directory";
  EXPECT_THAT(run.outcome(exec_body(exec)), HasSubstr("its directory /no/such/directory"));
}

TEST(Exec, KeepsBothEndsOfALongOutputAndReadsAllOfIt) {
  const ChildEnd end = run_child(
      {.arguments = {"/bin/sh", "-c", "echo first; head -c 50000000 /dev/zero; echo last"},
       .output_bytes = 1'000},
      {});
  EXPECT_EQ(how_it_ended(end), "exit status 0");
  EXPECT_EQ(end.output.total(), 50'000'011U);
  EXPECT_EQ(end.output.cut(), 49'999'011U);
  const std::string text = end.output.text();
  EXPECT_THAT(text, AllOf(StartsWith("first\n"), HasSubstr("[49999011 bytes cut]")));
  EXPECT_TRUE(text.ends_with("last\n"));
  EXPECT_LT(text.size(), 1'100U);
}

// The run keeps both streams in the order in which they came, with their lines, whether the program
// succeeds or not; what is long loses its middle, and no character is cut in two.
TEST(Exec, LeavesWhatTheProgramPrintedWithTheRun) {
  const KindRun run;
  scheduler::Printed printed;
  scheduler::RunContext context = run.context();
  context.printed = &printed;
  EXPECT_THROW(
      exec_body(shell(run, "echo one; echo two >&2; printf 'a\\tb\\033\\r\\n'; exit 3"))(context),
      std::runtime_error);
  EXPECT_EQ(printed, (scheduler::Printed{"one\ntwo\na b?\n", 14, 0}));
  exec_body(shell(run, "true"))(context);
  EXPECT_TRUE(printed.empty());

  Exec many = shell(run, "for i in $(seq 40000); do printf '\xE4\xB8\xAD'; done");
  many.output_bytes = 1'000'000;
  exec_body(many)(context);
  EXPECT_EQ(printed.total, 120'000U);
  EXPECT_EQ(printed.cut, 120'000U - kMostPrinted);
  EXPECT_LE(printed.text.size(), kMostPrinted + 40);
  EXPECT_THAT(printed.text,
              AllOf(HasSubstr("\n[54464 bytes cut]\n"), testing::Not(HasSubstr("?"))));
}

TEST(Exec, AProcessThatKeepsTheOutputOpenHoldsNobodyUp) {
  const KindRun run;
  const Signpost signpost;
  const std::string outcome =
      run.outcome(exec_body(shell(run, "exec 3>" + signpost.path() + "; sleep 1000 & echo begun")));
  EXPECT_THAT(outcome, AllOf(StartsWith("exit status 0; 6 bytes of output: begun"),
                             HasSubstr("it left processes behind")));
  EXPECT_TRUE(signpost.nobody_holds_it());  // it was killed with the group
}

TEST(Exec, AProcessThatLeavesTheGroupIsLetGo) {
  const KindRun run;
  const ScratchFolder folder;
  const std::string up = folder.file("up");
  const std::string outcome = run.outcome(
      exec_body(shell(run, "mkfifo " + up + "; setsid sh -c 'echo $$ > " + up +
                               "; exec sleep 1000' & read daemon < " + up + "; echo $daemon")));
  EXPECT_THAT(outcome, AllOf(StartsWith("exit status 0"), HasSubstr("it left processes behind")));
  const std::string_view output = ": ";
  const pid_t daemon = std::stoi(outcome.substr(outcome.find(output) + output.size()));
  ASSERT_GT(daemon, 1);
  EXPECT_EQ(::kill(daemon, SIGKILL), 0);  // it still ran
}

TEST(Exec, AStopEndsTheWholeGroup) {
  KindRun run;
  const Signpost signpost;
  std::string outcome;
  std::thread body{[&] {
    outcome = run.outcome(
        exec_body(shell(run, "exec 3>" + signpost.path() + "; sleep 1000 & echo up >&3; wait")));
  }};
  EXPECT_TRUE(signpost.written());
  run.stop.request_stop();
  body.join();
  EXPECT_THAT(outcome, StartsWith("stopped: asked to stop: ended by SIGTERM"));
  EXPECT_TRUE(signpost.nobody_holds_it());
}

TEST(Exec, WhoIgnoresAStopIsKilledAfterItsGrace) {
  KindRun run;
  const Signpost signpost;
  std::string outcome;
  std::thread body{[&] {
    outcome = run.outcome(exec_body(shell(run, "trap '' TERM; exec 3>" + signpost.path() +
                                                   "; echo up >&3; while :; do sleep 1000; done")));
  }};
  EXPECT_TRUE(signpost.written());
  run.stop.request_stop();
  body.join();
  EXPECT_THAT(outcome, HasSubstr("ended by SIGKILL (Killed) after it had ignored SIGTERM"));
  EXPECT_TRUE(signpost.nobody_holds_it());
  EXPECT_THAT(run.outcome(exec_body(shell(run, "exit 0"))), StartsWith("stopped: stopped before"));
}

TEST(Exec, IsStoppedWhenItsTimeIsUp) {
  const ChildEnd end =
      run_child({.arguments = {"sleep", "1000"}, .grace = Micros{1s}, .longest = Micros{1ms}}, {});
  EXPECT_TRUE(end.out_of_time);
  EXPECT_EQ(how_it_ended(end), "ended by SIGTERM (Terminated)");
}

TEST(Exec, AProgramThatAnotherStartsMeanwhileIsNotItsOwn) {
  std::vector<std::thread> bodies;
  for (int i = 0; i < 8; ++i)
    bodies.emplace_back([] {
      for (int n = 0; n < 50; ++n)
        EXPECT_FALSE(run_child({.arguments = {"/bin/true"}}, {}).left_behind);
    });
  for (std::thread& body : bodies)
    body.join();
}

TEST(Exec, LeavesNoZombieAndNoDescriptorAndGivesNoneOfOurs) {
  const KindRun run;
  static_cast<void>(run_child({.arguments = {"/bin/true"}}, {}));  // the helper is there to stay
  const int ours = ::open("/dev/null", O_RDONLY);  // NOLINT: inherited unless it is closed
  const std::size_t before = open_descriptors();
  std::vector<std::thread> bodies;
  for (int i = 0; i < 4; ++i)
    bodies.emplace_back([&] {
      for (int n = 0; n < 20; ++n)
        EXPECT_THAT(run.outcome(exec_body(shell(run, "ls /proc/self/fd | wc -l"))),
                    StartsWith("exit status 0; 2 bytes of output: 4"));  // the fourth is ls's own
    });
  for (std::thread& body : bodies)
    body.join();
  EXPECT_EQ(open_descriptors(), before);
  EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), 0) << "none has ended, and the helper runs";
  ::close(ours);
}

}  // namespace
}  // namespace systask::tasks
