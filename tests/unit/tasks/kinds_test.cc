#include "tasks/kinds/kinds.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tasks/kinds/excerpt.h"
#include "tests/unit/tasks/kind_world.h"

namespace systask::tasks {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

TEST(Placeholders, AreFilledAndOtherBracesStand) {
  const KindRun run;
  const Values values = values_of(run.context());
  const std::vector<std::pair<std::string, std::string>> cases{
      {"", ""},
      {"plain", "plain"},
      {"{run_id}", "42"},
      {"{run_id}{attempt}x{task}", "422xreport"},
      {"{nominal}", "2026-05-22T07:15:00Z"},
      {"{label}!", "of 20260522!"},
      {R"({"a":{"b":{business_date}}})", R"({"a":{"b":20260522}})"},
      {"{{run_id}", "{run_id}"},
      {"{{", "{"},
      {"{", "{"},
      {"}}", "}}"},
      {"{ run_id }", "{ run_id }"},
      {"{print $1}", "{print $1}"},
      {"${{HOME}", "${HOME}"},
      {"{run_id", "{run_id"}};
  for (const auto& [written, filled] : cases) {
    const auto parsed = Template::parse(written, values);
    ASSERT_TRUE(parsed) << written;
    EXPECT_EQ(parsed->fill(values), filled) << written;
  }
}

TEST(Placeholders, UnknownOnesAreNamed) {
  KindRun run;
  const auto unknown = Template::parse("a {nominl} b", values_of(run.context()));
  ASSERT_TRUE(unknown.has_error());
  EXPECT_THAT(unknown.error().message,
              testing::AllOf(StartsWith("{nominl} is no placeholder"), HasSubstr("{nominal}"),
                             HasSubstr("{depth}")));
  run.task.parameters["depth"] = "{label}";  // parameters have those of the run only
  EXPECT_TRUE(sample_values(run.task).has_error());
  EXPECT_THROW(static_cast<void>(values_of(run.context())), std::invalid_argument);
}

TEST(Excerpt, KeepsBothEndsWhateverTheSizesOfThePieces) {
  for (const std::size_t piece : {1U, 7U, 64U, 1'000U}) {
    Excerpt excerpt{100};
    std::string all;
    for (int i = 0; all.size() < 3'000; ++i)
      all += std::to_string(i);
    for (std::size_t at = 0; at < all.size(); at += piece)
      excerpt.add(std::string_view{all}.substr(at, piece));
    EXPECT_EQ(excerpt.total(), all.size());
    EXPECT_EQ(excerpt.text(), all.substr(0, 50) + "\n[" + std::to_string(all.size() - 100) +
                                  " bytes cut]\n" + all.substr(all.size() - 50))
        << piece;
  }
  Excerpt none{0};
  none.add("abc");
  EXPECT_EQ(none.text(), "\n[3 bytes cut]\n");
}

TEST(Excerpt, IsTheSameInLessMemory) {
  Excerpt excerpt{100};
  excerpt.add(std::string(60, 'a') + std::string(60, 'b'));
  EXPECT_EQ(excerpt.within(1'000).text(), excerpt.text());
  EXPECT_EQ(excerpt.within(10).text(), "aaaaa\n[110 bytes cut]\nbbbbb");
  Excerpt whole{100};
  whole.add("0123456789");
  EXPECT_EQ(whole.within(4).text(), "01\n[6 bytes cut]\n89");
  EXPECT_EQ(whole.within(10).text(), "0123456789");
}

TEST(Excerpt, ShowsWhatIsNoTextAsQuestionMarks) {
  const std::vector<std::pair<std::string, std::string>> cases{
      {"caf\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80", "caf\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80"},
      {"\xC3", "?"},
      {"\xC0\xAF", "??"},
      {"\xED\xA0\x80", "???"},
      {"\xF5\x80\x80\x80", "????"},
      {std::string("a\0b", 3), "a?b"},
      {"a\r\nb\rc", "a\nb\nc"},
      {"a\tb\x1B[1m", "a b?[1m"}};
  for (const auto& [raw, shown] : cases)
    EXPECT_EQ(printable(raw), shown);
  EXPECT_EQ(on_one_line("one\n\ntwo\n", 100), "one | two");
  EXPECT_EQ(on_one_line("0123456789", 4), "01 [...] 89");
}

TEST(Url, LeadsToAPlaceOrIsRefused) {
  const std::vector<std::array<std::string, 4>> good{
      {"http://a", "a", "80", "/"},         {"http://a:81/b/c?d=e", "a", "81", "/b/c?d=e"},
      {"http://a?x=1", "a", "80", "/?x=1"}, {"http://[::1]:8787/x", "::1", "8787", "/x"},
      {"http://a/b#c", "a", "80", "/b"},    {"http://a/@b", "a", "80", "/@b"}};
  for (const auto& [url, host, port, target] : good) {
    const auto place = place_of(url);
    ASSERT_TRUE(place) << url;
    EXPECT_EQ(place->host, host);
    EXPECT_EQ(place->port, port);
    EXPECT_EQ(place->target, target);
  }
  for (const std::string url : {"", "a", "ftp://a", "http://", "http://:80/", "http://a:/",
                                "http://a:70000/", "http://a:x/", "http://[::1", "http://[::1]x/",
                                "http://u:p@a/", "http://a/b c", "http://a/\r\nX: y"})
    EXPECT_EQ(place_of(url).error().code, "BAD_URL") << url;
  EXPECT_THAT(place_of("https://a/").error().message, HasSubstr("TLS, which is not built in"));
}

TEST(HttpKind, SendsTheRequestAndLooksAtTheStatus) {
  KindRun run;
  HttpOrder sent;
  HttpReply reply{204, "", false};
  const Http http{.method = "POST",
                  .url = run.text("http://a:81/{business_date}"),
                  .headers = {{"X-Run", run.text("{run_id}")}},
                  .body = run.text("{label}"),
                  .expected = {{200, 200}, {204, 299}}};
  const scheduler::Body body = http_body(http, [&](const HttpOrder& order, const auto&) {
    sent = order;
    return reply;
  });
  EXPECT_EQ(run.outcome(body), "POST http://a:81/20260522 answered 204, 0 bytes");
  EXPECT_EQ(sent.place.target, "/20260522");
  EXPECT_EQ(sent.headers.at(0).second, "42");
  EXPECT_EQ(sent.body, "of 20260522");
  reply = {503, "try\nlater", false};
  EXPECT_EQ(run.outcome(body),
            "failed: POST http://a:81/20260522 answered 503, 9 bytes, and 200, 204-299 was "
            "expected; it begins: try | later");
  reply = {200, "", true};
  EXPECT_THAT(run.outcome(body), HasSubstr("more than 1048576 bytes"));
}

TEST(HttpKind, AHeaderCannotBeBrokenOut) {
  KindRun run;
  run.task.parameters["label"] = "x\r\nEvil: 1";
  const Http http{.url = run.text("http://a/"), .headers = {{"X", run.text("{label}")}}};
  EXPECT_THAT(run.outcome(http_body(http, nullptr)), StartsWith("wrong: the header X"));
}

TEST(PublishKind, PublishesOrSaysWhyNot) {
  const KindRun run;
  std::string got;
  Result<void> answer;
  const auto send = [&](const std::string& topic, const std::string& body) {
    got = topic + " " + body;
    return answer;
  };
  const Publish publish{run.text("day.{business_date}"), run.text(R"({"run":{run_id}})")};
  EXPECT_EQ(run.outcome(publish_body(publish, send)), "10 bytes published to day.20260522");
  EXPECT_EQ(got, R"(day.20260522 {"run":42})");
  answer = Refusal{"ERR_MSG_SEND_ERROR", "1 of 2 subscribers took no more"};
  EXPECT_EQ(run.outcome(publish_body(publish, send)),
            "failed: ERR_MSG_SEND_ERROR: 1 of 2 subscribers took no more");
  EXPECT_THAT(run.outcome(publish_body({run.text("{label}"), run.text("1")}, send)),
              StartsWith("wrong: 'of 20260522' is no topic"));
}

TEST(SqlKind, BindsParametersAndSaysHowManyRows) {
  const KindRun run;
  Values bound;
  SqlDone done{0, 1, ""};
  const auto run_sql = [&](const Sql&, const Values& values, const auto&) {
    bound = values;
    return done;
  };
  EXPECT_EQ(run.outcome(sql_body({}, run_sql)), "1 row changed");
  EXPECT_EQ(bound.at("depth"), "5");
  EXPECT_EQ(bound.at("label"), "of 20260522");
  EXPECT_EQ(bound.at("business_date"), "20260522");
  done = {2, 0, "a=1"};
  EXPECT_EQ(run.outcome(sql_body({}, run_sql)), "2 rows read, the first: a=1");
  done = {2, 3, "a=1"};
  EXPECT_EQ(run.outcome(sql_body({}, run_sql)), "3 rows changed, 2 rows read, the first: a=1");
  done = {};
  EXPECT_EQ(run.outcome(sql_body({.read_only = true}, run_sql)), "0 rows read");
}

// What is kept with the run: also of an answer that is a failure.
TEST(Kinds, LeaveRowsAndAnswersWithTheRun) {
  const KindRun run;
  scheduler::Printed printed;
  scheduler::RunContext context = run.context();
  context.printed = &printed;
  sql_body({}, [](const Sql&, const Values&, const auto&) {
    return SqlDone{3, 2, "a=1", "a=1\na=2\n", 2};
  })(context);
  EXPECT_EQ(printed.text, "2 rows changed\n3 rows read\na=1\na=2\n[1 row read more]\n");
  printed = {};
  Http http{.url = run.text("http://monitor/x")};
  const scheduler::Body body = http_body(http, [](const HttpOrder&, const auto&) {
    return HttpReply{500, "no\x01 disk\n", true};
  });
  EXPECT_THROW(body(context), std::runtime_error);
  EXPECT_THAT(printed.text, testing::AllOf(StartsWith("HTTP 500\nno? disk\n"),
                                           HasSubstr("the rest was not read")));
}

TEST(Kinds, AParameterThatTheTaskDoesNotHaveIsRefused) {
  KindRun run;
  const scheduler::Parameters given{{"depht", "6"}};
  scheduler::RunContext context{.id = scheduler::RunId{1},
                                .task = run.task,
                                .nominal = TimePoint{},
                                .parameters = given,
                                .stop = {}};
  EXPECT_THROW(static_cast<void>(values_of(context)), std::invalid_argument);
}

TEST(Kinds, HaveTheirNamesInOrder) {
  EXPECT_EQ(kind_of(Exec{}), "exec");
  EXPECT_EQ(kind_of(Sql{}), "sql");
  EXPECT_EQ(kind_of(Http{}), "http");
  EXPECT_EQ(kind_of(Publish{}), "publish");
}

}  // namespace
}  // namespace systask::tasks
