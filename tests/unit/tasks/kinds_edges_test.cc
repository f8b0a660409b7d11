// The edges of the kinds of work: the last value that is taken, the first that is not.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>
#include <memory>
#include <sstream>

#include "tasks/kinds/child.h"
#include "tasks/kinds/excerpt.h"
#include "tasks/kinds/kinds.h"
#include "tests/unit/tasks/kind_world.h"

namespace systask::tasks {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

TEST(HttpKindEdges, AnyCharacterThatCouldEndALineIsRefusedInAHeader) {
  for (const std::string& value : {std::string{"a\nEvil: 1"}, std::string{"a\rb"},
                                   std::string{"a\0b", 3}, std::string{"\n"}}) {
    KindRun run;
    run.task.parameters["label"] = value;
    const Http http{.url = run.text("http://a/"), .headers = {{"X", run.text("{label}")}}};
    EXPECT_THAT(run.outcome(http_body(http, nullptr)), StartsWith("wrong: the header X"));
  }
  KindRun run;
  run.task.parameters["label"] = "a\tb\x7f";
  const Http http{.url = run.text("http://a/"), .headers = {{"X", run.text("{label}")}}};
  EXPECT_EQ(run.outcome(http_body(http,
                                  [](const HttpOrder&, const auto&) {
                                    return HttpReply{200, "ok", false};
                                  })),
            "GET http://a/ answered 200, 2 bytes");
}

TEST(HttpKindEdges, AStatusIsExpectedFromTheFirstToTheLastOfARange) {
  const KindRun run;
  Http http{.url = run.text("http://a/"), .expected = {{200, 204}, {404, 404}}};
  const std::vector<std::pair<int, bool>> cases{{199, false}, {200, true},  {204, true},
                                                {205, false}, {403, false}, {404, true},
                                                {405, false}};
  for (const auto& [status, good] : cases) {
    const auto body = http_body(http, [&](const HttpOrder&, const auto&) {
      return HttpReply{status, "", false};
    });
    EXPECT_EQ(run.outcome(body).starts_with("GET"), good) << status;
  }
}

TEST(HttpKindEdges, PassesOnMethodTimeoutAndStop) {
  KindRun run;
  HttpOrder sent;
  bool asked_to_stop = false;
  const Http http{.method = "PATCH", .url = run.text("http://a:8/b?c"), .timeout = 7ms};
  const auto body = http_body(http, [&](const HttpOrder& order, const std::stop_token& stop) {
    sent = order;
    run.stop.request_stop();
    asked_to_stop = stop.stop_requested();
    return HttpReply{200, "", false};
  });
  EXPECT_EQ(run.outcome(body), "PATCH http://a:8/b?c answered 200, 0 bytes");
  EXPECT_EQ(sent.method, "PATCH");
  EXPECT_EQ(sent.timeout, 7ms);
  EXPECT_EQ(sent.place.port, "8");
  EXPECT_EQ(sent.body, "");
  EXPECT_TRUE(asked_to_stop);
}

TEST(UrlEdges, PortsAndCharactersUpToTheLast) {
  for (const std::string url :
       {"http://a:1/", "http://a:65535/", "http://a/!~", "http://[::1]", "http://[::1]:80/"})
    EXPECT_TRUE(place_of(url)) << url;
  for (const std::string& url :
       {std::string{"http://a:0/"}, std::string{"http://a:65536/"}, std::string{"http://a:80x/"},
        std::string{"http://a:-1/"}, std::string{"http://a/ "}, std::string{"http://a/\x7f"},
        std::string{"http://a/\x1f"}, std::string{"http://a/\xc3\xa9"}, std::string{"http://?x"},
        std::string{"http://[]/"}, std::string{"http://[::1]:/"}, std::string{"http:/a"}})
    EXPECT_EQ(place_of(url).error().code, "BAD_URL") << url;
  EXPECT_EQ(place_of("http://a#b?c")->target, "/");
  EXPECT_EQ(place_of("http://a?b/c")->target, "/?b/c");
  EXPECT_EQ(place_of("http://a/b?c#d")->target, "/b?c");
  EXPECT_THAT(place_of("http://u@a/").error().message, HasSubstr("in a header"));
}

TEST(PlaceholderEdges, NamesBeginWithALetterAndGoOnWithDigits) {
  const Values values{{"a1", "one"}, {"_b", "two"}, {"Z", "three"}};
  const auto filled = [&](std::string_view text) {
    return Template::parse(text, values)->fill(values);
  };
  EXPECT_EQ(filled("{a1}{_b}{Z}"), "onetwothree");
  EXPECT_EQ(filled("{1a}{}{-}"), "{1a}{}{-}");
  EXPECT_EQ(filled("{a1"), "{a1");
  EXPECT_EQ(filled("{a1} {a1}x"), "one onex");
  EXPECT_TRUE(Template::parse("{aZ9_}", values).has_error());
  EXPECT_THROW(static_cast<void>(Template::parse("{a1}", values)->fill({})), std::invalid_argument);
}

TEST(PlaceholderEdges, AParameterMayUseThoseOfTheRunAndNoOther) {
  KindRun run;
  run.task.parameters = {{"when", "{nominal}/{attempt}"}, {"raw", "{{x}"}};
  const Values values = values_of(run.context());
  EXPECT_EQ(values.at("when"), "2026-05-22T07:15:00Z/2");
  EXPECT_EQ(values.at("raw"), "{x}");
  EXPECT_EQ(values.at("task"), "report");
  run.task.parameters["when"] = "{when}";
  EXPECT_THROW(static_cast<void>(values_of(run.context())), std::invalid_argument);
}

TEST(ExcerptEdges, NothingIsCutUpToExactlyTheMost) {
  for (const std::size_t size : {99U, 100U}) {
    Excerpt excerpt{100};
    excerpt.add(std::string(size, 'x'));
    EXPECT_EQ(excerpt.cut(), 0U);
    EXPECT_EQ(excerpt.text(), std::string(size, 'x'));
  }
  Excerpt longer{100};
  longer.add(std::string(101, 'x'));
  EXPECT_EQ(longer.cut(), 1U);
  Excerpt odd{5};
  odd.add("12345");
  EXPECT_EQ(odd.text(), "12345");
  odd.add("6");
  EXPECT_EQ(odd.text(), "123\n[1 bytes cut]\n56");
}

TEST(ExcerptEdges, TheFirstAndTheLastOfEachRangeOfCharacters) {
  const std::vector<std::string> kept{
      "\x20",         "\x7E",         "\xC2\x80",     "\xDF\xBF",         "\xE0\xA0\x80",
      "\xED\x9F\xBF", "\xEE\x80\x80", "\xEF\xBF\xBF", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF",
      "a\nb"};
  for (const std::string& text : kept)
    EXPECT_EQ(printable(text), text);
  const std::vector<std::string> marks{
      "\x1F",         "\x7F",         "\xC1\xBF",         "\xC2\x7F",         "\xC2\xC0",
      "\xE0\x9F\xBF", "\xED\xA0\x80", "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80", "\xE2\x82",
      "\x80"};
  for (const std::string& text : marks)
    EXPECT_EQ(printable(text).front(), '?');
  EXPECT_EQ(printable("\xE2\x82."), "??.");
}

TEST(ExcerptEdges, OneLineUpToExactlyTheMost) {
  EXPECT_EQ(on_one_line("0123", 4), "0123");
  EXPECT_EQ(on_one_line("01234", 4), "01 [...] 34");
  EXPECT_EQ(on_one_line("01234", 3), "01 [...] 4");
  EXPECT_EQ(on_one_line("", 4), "");
  EXPECT_EQ(on_one_line("\n\n", 4), "");
  EXPECT_EQ(on_one_line("a\nb", 100), "a | b");
  EXPECT_EQ(on_one_line("\na", 100), "a");
}

TEST(SqlKindEdges, CountsOneRowAndPassesOnTheStop) {
  KindRun run;
  bool asked_to_stop = false;
  run.stop.request_stop();
  const auto body = sql_body({}, [&](const Sql&, const Values&, const std::stop_token& stop) {
    asked_to_stop = stop.stop_requested();
    return SqlDone{1, 0, "x"};
  });
  EXPECT_EQ(run.outcome(body), "1 row read, the first: x");
  EXPECT_TRUE(asked_to_stop);
}

TEST(PublishKindEdges, ATopicIsOfLettersDigitsAndThreeSigns) {
  for (const char* topic : {"a", "Z", "0", "9", "a.b-c_d"})
    EXPECT_TRUE(is_topic(topic)) << topic;
  for (const char* topic : {"", " ", "a b", "a/b", "a\n", "\xC3\xA9", "a*"})
    EXPECT_FALSE(is_topic(topic)) << topic;
  EXPECT_TRUE(is_topic(std::string(kLongestTopic, 'a')));
  EXPECT_FALSE(is_topic(std::string(kLongestTopic + 1, 'a')));
}

TEST(PublishEdges, ThePlatformsOwnTopicsAreNoTasks) {
  for (const char* topic : {"asset.algo.realdeal", "asset.algo", "asset.algo."})
    EXPECT_TRUE(is_platforms(topic)) << topic;
  for (const char* topic : {"day.closed", "asset.algorithm", "my.asset.algo.x"})
    EXPECT_FALSE(is_platforms(topic)) << topic;
  const KindRun run;
  bool sent = false;
  const auto body = publish_body({run.text("asset.algo.{task}"), run.text("{{}")},
                                 [&](const std::string&, const std::string&) -> Result<void> {
                                   sent = true;
                                   return {};
                                 });
  EXPECT_THAT(run.outcome(body), HasSubstr("the platform's own"));
  EXPECT_FALSE(sent);
}

TEST(ChildEdges, GivesAProgramTheVariablesNamedAndTheGivenOverThem) {
  struct Set {
    explicit Set(const char* name) : name_(name) { ::setenv(name, "ours", 1); }
    ~Set() { ::unsetenv(name_); }
    const char* name_;
  };
  const std::vector<const char*> hidden{"NOTIFY_SOCKET", "WATCHDOG_PID", "WATCHDOG_USEC",
                                        "LISTEN_PID",    "LISTEN_FDS",   "LISTEN_FDNAMES"};
  std::vector<std::unique_ptr<Set>> set;
  for (const char* name : hidden)
    set.push_back(std::make_unique<Set>(name));
  const Set kept{"SYSTASK_KEPT"};
  const Set replaced{"SYSTASK_REPLACED"};
  const Set longer{"SYSTASK_REPLACED_TOO"};
  const Set secret{"SYSTASK_SECRET"};
  const Set usual{"LC_MESSAGES"};
  const auto environment = [](std::vector<std::string> passed_on) {
    ChildSpec spec{.arguments = {"/usr/bin/env"}};
    spec.environment = {"SYSTASK_REPLACED=given", "NEW=1"};
    spec.passed_on = std::move(passed_on);
    return "\n" + run_child(spec, {}).output.text();
  };
  EXPECT_THAT(environment({}), AllOf(Not(HasSubstr("SYSTASK_KEPT")), Not(HasSubstr("SECRET")),
                                     HasSubstr("\nLC_MESSAGES=ours\n"), HasSubstr("\nPATH=")));
  EXPECT_THAT(environment({"*"}), HasSubstr("\nSYSTASK_SECRET=ours\n"));
  const std::string text =
      environment({"SYSTASK_KEPT", "SYSTASK_REPLACED", "SYSTASK_REPLACED_TOO", "NOTIFY_SOCKET"});
  EXPECT_THAT(text, Not(HasSubstr("SECRET")));
  for (const char* name : hidden)
    EXPECT_THAT(text, Not(HasSubstr(std::string{"\n"} + name + "="))) << name;
  EXPECT_THAT(
      text, AllOf(HasSubstr("\nSYSTASK_KEPT=ours\n"), HasSubstr("\nNEW=1\n"),
                  HasSubstr("\nSYSTASK_REPLACED=given\n"), Not(HasSubstr("SYSTASK_REPLACED=ours")),
                  HasSubstr("\nSYSTASK_REPLACED_TOO=ours\n")));
}

TEST(ChildEdges, HasASessionAndSignalsOfItsOwn) {
  sigset_t blocked;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGUSR1);
  sigset_t before;
  ::pthread_sigmask(SIG_BLOCK, &blocked, &before);
  const auto ignored = std::signal(SIGUSR2, SIG_IGN);
  const std::string signals =
      run_child({.arguments = {"/bin/grep", "-E", "SigBlk|SigIgn", "/proc/self/status"}}, {})
          .output.text();
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  std::signal(SIGUSR2, ignored);
  EXPECT_THAT(signals, HasSubstr("SigBlk:\t0000000000000000\n"));
  // SIGUSR2 is the twelfth: the highest bit of the third digit.
  EXPECT_THAT(signals, testing::ContainsRegex("SigIgn:\t[0-9a-f]+[0-7][0-9a-f][0-9a-f]\n"));
  std::istringstream numbers{
      run_child({.arguments = {"/bin/sh", "-c", "cut -d' ' -f1,5,6 /proc/$$/stat; exit 0"}}, {})
          .output.text()};
  pid_t process = 0;
  pid_t group = -1;
  pid_t session = -1;
  numbers >> process >> group >> session;
  EXPECT_EQ(group, process);
  EXPECT_EQ(session, process);
}

TEST(ChildEdges, IsKilledAtOnceWhereItHasNoGrace) {
  const ChildEnd end = run_child(
      {.arguments = {"/bin/sh", "-c", "trap '' TERM; sleep 1000"}, .longest = Micros{50ms}}, {});
  EXPECT_TRUE(end.out_of_time);
  EXPECT_TRUE(end.stopped);
  EXPECT_TRUE(end.killed);
  EXPECT_EQ(how_it_ended(end), "ended by SIGKILL (Killed)");
}

// The program waits for its child, which nobody but the stop can end in time.
TEST(ChildEdges, AStopIsForItsChildrenToo) {
  const ChildEnd end =
      run_child({.arguments = {"/bin/sh", "-c", "trap : TERM; sleep 1000 & wait; wait; exit 7"},
                 .grace = Micros{20s},
                 .longest = Micros{1s}},
                {});
  EXPECT_TRUE(end.stopped);
  EXPECT_FALSE(end.killed);
  EXPECT_EQ(end.exit_status, 7);
}

TEST(ChildEdges, ThatEndsInTimeWasNeverStopped) {
  const ChildEnd end = run_child({.arguments = {"/bin/true"}, .longest = Micros{1h}}, {});
  EXPECT_FALSE(end.out_of_time || end.stopped || end.killed || end.left_behind);
  EXPECT_EQ(end.exit_status, 0);
  EXPECT_EQ(end.signal, 0);
}

TEST(ChildEdges, KeepsNoMoreOutputThanItIsTold) {
  const ChildEnd end = run_child({.arguments = {"/bin/echo", "123456789"}, .output_bytes = 4}, {});
  EXPECT_EQ(end.output.total(), 10U);
  EXPECT_EQ(end.output.text(), "12\n[6 bytes cut]\n9\n");
}

TEST(ExecKindEdges, TellsAProgramAllOfItsRun) {
  const KindRun run;
  Exec script{.arguments = {run.text("/bin/sh"), run.text("-c"),
                            run.text("echo $SYSTASK_RUN_ID,$SYSTASK_TASK,$SYSTASK_NOMINAL,"
                                     "$SYSTASK_BUSINESS_DATE,$SYSTASK_ATTEMPT")}};
  EXPECT_THAT(run.outcome(exec_body(script)),
              HasSubstr("42,report,2026-05-22T07:15:00Z,20260522,2"));
  script.environment = {{"SYSTASK_TASK", run.text("another")}};
  EXPECT_THAT(run.outcome(exec_body(script)), HasSubstr("42,another,"));
}

TEST(ExecKindEdges, RefusesAZeroByteInArgumentsAndVariables) {
  KindRun run;
  run.task.parameters["label"] = std::string{"a\0b", 3};
  Exec exec{.arguments = {run.text("/bin/echo"), run.text("{label}")}};
  EXPECT_THAT(run.outcome(exec_body(exec)),
              StartsWith("wrong: an argument or variable has a zero"));
  exec.arguments.pop_back();
  exec.environment = {{"X", run.text("{label}")}};
  EXPECT_THAT(run.outcome(exec_body(exec)),
              StartsWith("wrong: an argument or variable has a zero"));
}

TEST(ExecKindEdges, AnUnexpectedZeroFailsToo) {
  const KindRun run;
  Exec exec{.arguments = {run.text("/bin/true")}, .expected = {1, 2}};
  EXPECT_THAT(run.outcome(exec_body(exec)),
              StartsWith("failed: /bin/true did not end with exit status 1 or 2: exit status 0"));
}

}  // namespace
}  // namespace systask::tasks
