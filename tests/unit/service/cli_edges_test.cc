// What the commands print at the edges of what they know, and their exit statuses.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <sstream>

#include "service/cli/clean_output.h"
#include "service/cli/client_command.h"
#include "service/cli/text_table.h"
#include "tests/unit/service/cli_world.h"

namespace systask::service {
namespace {

namespace json = boost::json;
using testing::HasSubstr;
using testing::Not;

using CliEdges = CliTest;

TEST_F(CliEdges, APairHasAKeyAndMayHaveNoValue) {
  service.answers(202, R"({"plan":31,"seq":119})");
  EXPECT_EQ(
      run_connected({"plan", "modify", "31", "--parameter", "a=", "--parameter", "b=c=d=e"}).status,
      0);
  EXPECT_EQ(last_body().at("parameters"), (json::value{{"a", ""}, {"b", "c=d=e"}}));
  for (const char* wrong : {"=c", "c", ""})
    EXPECT_EQ(run_connected({"plan", "modify", "31", "--parameter", wrong}).status, 2) << wrong;
}

TEST_F(CliEdges, OnlyAMonitorsStatusIsItsExitStatus) {
  service.answers(200, R"({"ready":false,"not_ready":"x","failing":1,"late":0,"stopped":0,
    "troubles":[{"state":"failing","on":"task","name":"report","run":118,
                 "since":"2026-05-22T16:00:03+08:00","says":"disk","next":"look"}]})");
  const auto looked = run_connected({"status"});
  EXPECT_EQ(looked.status, 0);
  EXPECT_THAT(looked.out, Not(HasSubstr("more:"))) << "each is named";
  EXPECT_EQ(run_connected({"status", "--json"}).status, 0);
  EXPECT_EQ(run_connected({"status", "--check"}).status, 1);
  for (const char* which : {"failing", "late", "stopped"}) {
    json::object status{
        {"ready", true}, {"failing", 0}, {"late", 0}, {"stopped", 0}, {"troubles", json::array{}}};
    status[which] = 1;
    service.answers(200, json::serialize(status));
    EXPECT_EQ(run_connected({"status", "--check"}).status, 1) << which;
  }
}

json::object attempt(const char* phase, const char* outcome, const char* why) {
  json::object row{{"plan", 31},
                   {"attempt", 1},
                   {"phase", phase},
                   {"noticed_at", "2026-05-22T09:30:00+08:00"},
                   {"from_site", "A"},
                   {"to_site", "B"},
                   {"why", why},
                   {"outcome", outcome},
                   {"replayed", 7},
                   {"lost_at", "2026-05-22T09:29:59+08:00"},
                   {"finished_at", nullptr}};
  for (const char* time : {"notice", "choose", "rebuild", "claim", "replay", "finish", "all"})
    row[std::string{time} + "_us"] = nullptr;
  return row;
}

TEST_F(CliEdges, AnAttemptSaysItsOutcomeOnceItHasOne) {
  for (const char* phase : {"recovered", "failed"}) {
    service.answers(200, json::serialize(json::array{attempt(phase, "the-outcome", "the-why")}));
    const auto shown = run_connected({"recoveries"}).out;
    EXPECT_THAT(shown, HasSubstr("the-outcome")) << phase;
    EXPECT_THAT(shown, Not(HasSubstr("the-why"))) << phase;
  }
  service.answers(200, json::serialize(json::array{attempt("claim", "the-outcome", "the-why")}));
  EXPECT_THAT(run_connected({"recoveries"}).out, HasSubstr("the-why"));
}

TEST_F(CliEdges, ALiveViewLooksAsOftenAsAsked) {
  service.answers_at("/api/status", R"({"time":"2026-05-22T09:30:01+08:00"})");
  service.answers_at("/api/recoveries/times", R"({"recovered":0,"failed":0,"open":1,"phases":[]})");
  service.answers_at("/api/recoveries", json::serialize(json::array{attempt("claim", "", "gone")}));
  const auto seen = run_connected({"recoveries", "--watch", "--every", "0.05", "--looks", "2"});
  EXPECT_EQ(seen.status, 0) << seen.err;
  EXPECT_THAT(seen.out, HasSubstr("1 under way"));
  EXPECT_THAT(seen.out, HasSubstr("2000.0")) << "its time so far";
  std::size_t looks = 0;
  std::size_t open = 0;
  for (const net::HttpRequest& request : service.all()) {
    looks += request.path == "/api/status" ? 1 : 0;
    if (request.path != "/api/recoveries" || request.query.count("open") == 0) continue;
    ++open;
    EXPECT_EQ(request.query.at("open"), "true");
    EXPECT_EQ(request.query.count("since"), 0U) << "one of yesterday may be under way";
  }
  EXPECT_EQ(looks, 2U);
  EXPECT_EQ(open, 2U);
}

TEST(TextTableEdges, ACellIsCutBeyondItsGreatestWidth) {
  const auto shown = [](const std::string& cell) {
    const std::string text = render_table({{"a", "b"}, {{cell, "z"}}}, Screen{20});
    const std::string row = text.substr(text.find('\n') + 1);
    return row.substr(0, row.find_last_of('z'));
  };
  EXPECT_EQ(shown(std::string(17, 'x')), std::string(17, 'x') + "  ");
  EXPECT_EQ(shown(std::string(18, 'x')), std::string(16, 'x') + "…  ");
  std::string wide;
  for (int i = 0; i < 10; ++i)
    wide += "方";
  EXPECT_EQ(width_of(shown("x" + wide)), 15 + 1 + 2U + 1) << "a wide one is not cut in two";
}

TEST(TextTableEdges, NoControlCharacterReachesTheTerminal) {
  std::string controls;
  for (char c = 1; c < 0x20; ++c)
    controls += c;
  controls += '\x7F';
  const std::string dirty = "a" + controls + "b";
  const std::string clean = "a" + std::string(controls.size(), ' ') + "b";
  EXPECT_EQ(render_table({{"x"}, {{dirty}}}), "x\n" + clean + "\n");
  EXPECT_THAT(render_table({{"x", "y"}, {{dirty, "z"}}}), HasSubstr(clean + "  z"));
  EXPECT_THAT(render_object({{"x", dirty}}), HasSubstr(clean));
}

TEST(TextTableEdges, NumbersStandToTheRight) {
  EXPECT_EQ(render_table({{"number", "z"}, {{"-1.5", "a"}, {"-", "b"}, {"", "c"}}}),
            "number  z\n"
            "  -1.5  a\n"
            "     -  b\n"
            "        c\n");
  EXPECT_EQ(render_table({{"number", "z"}, {{"1", "a"}, {"--", "b"}}}),
            "number  z\n"
            "1       a\n"
            "--      b\n");
}

TEST_F(CliEdges, AListIsShownWithAllOfItsPages) {
  const auto row = [](int number) {
    return fmt::format(R"([{{"plan":{},"name":"p{}"}}])", number, number);
  };
  service.answers_in_pages("/api/plans", {row(1), row(2), row(3)});
  const auto all = boost::json::parse(run_connected({"plans", "--json"}).out);
  EXPECT_EQ(all.as_array().size(), 3U);
  service.answers_in_pages("/api/quarantine", {row(1), row(2), row(3)});
  const auto two = boost::json::parse(run_connected({"quarantine", "--limit", "2", "--json"}).out);
  EXPECT_EQ(two.as_array().size(), 2U) << "as many as were asked for";
}

// ESC, C1, what turns a line around, and what ends one.
constexpr std::string_view kNasty =
    "a\\u001b[2Jb\xC2\x9B"
    "1mc\xE2\x80\xAE"
    "d\xE2\x80\xA8"
    "e";

TEST_F(CliEdges, NothingShownIsACommandOfTheTerminal) {
  const auto harmless = [](const std::string& shown) {
    return shown.find_first_of("\x1b\r\x07") == std::string::npos &&
           shown.find("\xC2\x9B") == std::string::npos &&
           shown.find("\xE2\x80\xAE") == std::string::npos &&
           shown.find("\xE2\x80\xA8") == std::string::npos;
  };
  service.answers(200, R"([{"lane":1,"threads":2,"running":0,"queued":0,"state":")" +
                           std::string{kNasty} + R"(","held":null}])");
  const auto table = run_connected({"lanes"});
  EXPECT_EQ(table.status, 0) << table.err;
  EXPECT_TRUE(harmless(table.out)) << table.out;
  EXPECT_NE(table.out.find("[2Jb"), std::string::npos) << table.out;
  const auto as_json = run_connected({"lanes", "--json"});
  EXPECT_TRUE(harmless(as_json.out)) << as_json.out;
  const auto rows = boost::json::parse(as_json.out);
  EXPECT_EQ(rows.at(0).at("state"),
            "a\x1b[2Jb\xC2\x9B"
            "1mc\xE2\x80\xAE"
            "d\xE2\x80\xA8"
            "e")
      << "nothing of it is lost";
  service.answers(409, R"({"detail":"no: )" + std::string{kNasty} + R"(","code":"NO"})");
  const auto refused = run_connected({"lanes"});
  EXPECT_NE(refused.status, 0);
  EXPECT_TRUE(harmless(refused.err)) << refused.err;
  EXPECT_TRUE(harmless(run({"lanes", "--\x1b[2J\xE2\x80\xAE"}).err));
}

TEST(CleanOutput, TakesCharactersInPiecesAndOurOwnCommands) {
  std::ostringstream shown;
  std::ostringstream errors;
  {
    const CleanOutput cleaned{shown, errors};
    shown << "\xE4"
          << "\xB8"
          << "\xAD" << '\xC2' << '\x9B' << "\x1b[H" << std::flush;
    to_terminal(shown, "\x1b[2J");
    shown << "\xE4\xB8";
    errors << "no\x1b";
  }
  shown << "\x1b";
  EXPECT_EQ(shown.str(), "\xE4\xB8\xAD??[H\x1b[2J??\x1b");
  EXPECT_EQ(errors.str(), "no?");
}

}  // namespace
}  // namespace systask::service
