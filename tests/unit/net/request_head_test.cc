// Heads that leave open where a request ends, and pages that ask in another's name.
#include "net/request_head.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/clock.h"
#include "net/authority.h"
#include "net/byte_budget.h"
#include "net/http_date.h"
#include "tests/unit/net/world.h"

namespace systask::net {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;
using HeadFields = std::vector<std::pair<std::string_view, std::string_view>>;

int framing(HeadFields fields, unsigned version = 11, std::string_view target = "/") {
  const auto refusal = framing_refusal({target, version, std::move(fields)});
  return refusal ? refusal->status : 200;
}

TEST(RequestHead, HasOneHostThatIsOne) {
  EXPECT_EQ(framing({{"Host", "x"}}), 200);
  EXPECT_EQ(framing({}), 400);
  EXPECT_EQ(framing({}, 10), 200) << "HTTP/1.0 knew no Host";
  EXPECT_EQ(framing({{"Host", "x"}, {"host", "x"}}), 400);
  EXPECT_EQ(framing({{"Host", "x"}, {"HOST", "x"}}, 10), 400);
  for (const char* host :
       {"", " ", "x y", "x,y", "x/y", "x:y", "x:99999", "[::1", "u@x", "x\"", ":80"})
    EXPECT_EQ(framing({{"Host", host}}), 400) << host;
  for (const char* host : {"x:", "x:80", "[::1]", "[::1]:8787", "a-b.c_d.", "127.0.0.1:1"})
    EXPECT_EQ(framing({{"Host", host}}), 200) << host;
  EXPECT_EQ(framing({}, 11, "http://x/"), 400) << "not for an absolute target either";
  EXPECT_EQ(framing({{"Host", "x"}}, 11, "http:///api"), 400);
  EXPECT_EQ(framing({{"Host", "x"}}, 11, "http://u@x/api"), 400);
}

TEST(RequestHead, SaysWhereItsBodyEnds) {
  const auto coded = [](HeadFields fields, unsigned version = 11) {
    fields.emplace_back("Host", "x");
    return framing(std::move(fields), version);
  };
  EXPECT_EQ(coded({{"Transfer-Encoding", "chunked"}}), 200);
  EXPECT_EQ(coded({{"Transfer-Encoding", "Chunked "}}), 200);
  for (const char* coding : {"gzip", "identity", "xchunked", "chunked, gzip", "chunked, chunked",
                             "", "chunked,", "chunked;q=1", "\"chunked\""})
    EXPECT_EQ(coded({{"Transfer-Encoding", coding}}), 400) << coding;
  EXPECT_EQ(coded({{"Transfer-Encoding", "chunked"}, {"transfer-encoding", "gzip"}}), 400);
  EXPECT_EQ(coded({{"Transfer-Encoding", "gzip"}, {"Transfer-Encoding", "chunked"}}), 501);
  EXPECT_EQ(coded({{"Transfer-Encoding", "gzip, chunked"}}), 501);
  EXPECT_EQ(coded({{"Transfer-Encoding", "chunked"}}, 10), 400);
  EXPECT_EQ(coded({{"Transfer-Encoding", "chunked"}, {"Content-Length", "3"}}), 400);
  EXPECT_EQ(coded({{"Content-Length", "3"}}), 200);
  EXPECT_EQ(coded({{"Content-Length", "3"}, {"Content-Length", "3"}}), 400);
  for (const char* length : {"", "-1", "+1", "1,1", "0x1", "1 1"})
    EXPECT_EQ(coded({{"Content-Length", length}}), 400) << length;
}

int stranger(HeadFields fields, std::string_view target = "/",
             std::vector<std::string> allowed = {}) {
  const auto refusal =
      stranger_refusal({target, 11, std::move(fields)}, {std::move(allowed), "10.0.0.7"});
  return refusal ? refusal->status : 200;
}

TEST(RequestHead, GoesToANameOfOurs) {
  for (const char* host : {"localhost", "LocalHost:1", "localhost.", "127.0.0.1:8787", "127.9.9.9",
                           "[::1]:8787", "[0:0::1]", "10.0.0.7", "10.0.0.7:1"})
    EXPECT_EQ(stranger({{"Host", host}}), 200) << host;
  for (const char* host : {"evil.example", "localhost.evil.example", "127.0.0.1.evil.example",
                           "127.evil", "10.0.0.8", "[::2]", "desk"})
    EXPECT_EQ(stranger({{"Host", host}}), 403) << host;
  EXPECT_EQ(stranger({{"Host", "DESK:80"}}, "/", {"desk"}), 200);
  EXPECT_EQ(stranger({{"Host", "desk.x"}}, "/", {"desk"}), 403);
  EXPECT_EQ(stranger({{"Host", "evil.example"}}, "/", {"*"}), 200);
  EXPECT_EQ(stranger({{"Host", "localhost"}}, "http://evil.example/api"), 403)
      << "an absolute target says where it goes";
  EXPECT_EQ(stranger({{"Host", "evil.example"}}, "http://localhost/api"), 200);
  EXPECT_EQ(stranger({}), 200) << "HTTP/1.0, and no browser";
}

TEST(RequestHead, ComesFromNoPageOfAnotherOrigin) {
  const auto from = [](const char* origin, const char* host = "localhost:8787") {
    return stranger({{"Host", host}, {"Origin", origin}});
  };
  EXPECT_EQ(from("http://localhost:8787"), 200);
  EXPECT_EQ(from("http://LOCALHOST:8787"), 200);
  EXPECT_EQ(from("https://localhost:8787"), 200) << "behind a proxy that ends TLS";
  EXPECT_EQ(from("http://localhost", "localhost"), 200);
  EXPECT_EQ(from("http://localhost:80", "localhost"), 200);
  EXPECT_EQ(from("https://localhost", "localhost:443"), 200);
  for (const char* origin :
       {"null", "", "http://localhost", "http://localhost:8788", "http://127.0.0.1:8787",
        "http://evil.example", "http://localhost:8787.evil", "localhost:8787",
        "file://localhost:8787", "http://localhost:8787/x", "http://"})
    EXPECT_EQ(from(origin), 403) << origin;
  EXPECT_EQ(stranger({{"Origin", "http://localhost"}}), 403) << "no Host that it could be of";
  EXPECT_EQ(stranger({{"Host", "localhost"}, {"Sec-Fetch-Site", "cross-site"}}), 403);
  EXPECT_EQ(stranger({{"Host", "localhost"}, {"sec-fetch-site", "Cross-Site"}}), 403);
  for (const char* site : {"same-origin", "none", "same-site"})
    EXPECT_EQ(stranger({{"Host", "localhost"}, {"Sec-Fetch-Site", site}}), 200) << site;
}

TEST(Authority, OfATargetStandsBetweenSchemeAndPath) {
  EXPECT_EQ(authority_of_target("http://x:80/a?b"), "x:80");
  EXPECT_EQ(authority_of_target("HTTPS://x"), "x");
  EXPECT_EQ(authority_of_target("http://?a"), "");
  EXPECT_FALSE(authority_of_target("/http://x"));
  EXPECT_FALSE(authority_of_target("ftp://x/"));
  EXPECT_EQ(origin_form("http://x:80/a?b"), "/a?b");
  EXPECT_EQ(origin_form("http://x?b"), "/?b");
  EXPECT_EQ(origin_form("http://x"), "/");
  EXPECT_EQ(origin_form("/a?b=http://x"), "/a?b=http://x");
}

TEST(HttpDate, IsTheFixedFormOfTheRfc) {
  EXPECT_EQ(http_date(from_rfc3339("1994-11-06T08:49:37.9Z").value()),
            "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(http_date(from_rfc3339("2024-02-29T00:00:00+08:00").value()),
            "Wed, 28 Feb 2024 16:00:00 GMT");
}

// What the server says to the bytes until it closes, and how many requests its owner saw.
struct Said {
  std::string text;
  std::vector<std::string> asked;
};

Said say(const std::string& bytes) {
  World world{{.allowed_hosts = {"desk"}}};
  Said said;
  world.on_request = [&](const HttpRequest& request, const HttpAnswer& answer) {
    said.asked.push_back(request.method + " " + request.path + " " + request.body);
    answer({.body = "{}"});
  };
  RawClient client{world};
  client.say(bytes);
  said.text = client.all_said().value_or("it is not closed");
  return said;
}

// The body of the first would be the second request.
TEST(HttpHeads, NoBodyIsReadAsTheNextRequest) {
  constexpr std::string_view kSmuggled = "POST /smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n";
  for (const char* coding :
       {"Transfer-Encoding: gzip", "Transfer-Encoding: chunked, identity",
        "Transfer-Encoding: gzip, chunked", "Transfer-Encoding: chunked\r\nContent-Length: 4",
        "Content-Length: 0\r\nContent-Length: 44", "Transfer-Encoding: identity",
        "Transfer-Encoding : chunked",
        "Transfer-Encoding:\x0b"
        "chunked"}) {
    const Said said = say("POST /first HTTP/1.1\r\nHost: localhost\r\n" + std::string{coding} +
                          "\r\n\r\n" + std::string{kSmuggled});
    EXPECT_THAT(said.text, AnyOf(StartsWith("HTTP/1.1 400"), StartsWith("HTTP/1.1 501"))) << coding;
    EXPECT_THAT(said.text, HasSubstr("Connection: close")) << coding;
    EXPECT_THAT(said.asked, testing::IsEmpty()) << coding;
  }
}

TEST(HttpHeads, AStrangerIsRefusedBeforeItsBodyIsRead) {
  const Said said = say(
      "POST /api HTTP/1.1\r\nHost: evil.example\r\nContent-Length: 100\r\nExpect: 100-continue\r\n"
      "\r\n");
  EXPECT_THAT(said.text, AllOf(StartsWith("HTTP/1.1 403"), HasSubstr("service.allowed_hosts"),
                               HasSubstr("application/problem+json")));
  EXPECT_THAT(said.asked, testing::IsEmpty());
  EXPECT_THAT(say("GET / HTTP/1.1\r\nHost: localhost\r\nOrigin: null\r\n\r\n").text,
              StartsWith("HTTP/1.1 403"));
  EXPECT_THAT(say("GET / HTTP/1.1\r\nHost: desk\r\nConnection: close\r\n\r\n").text,
              StartsWith("HTTP/1.1 200"));
}

TEST(HttpHeads, AWebSocketOfAnotherNameIsRefused) {
  const Said said =
      say("GET /ws HTTP/1.1\r\nHost: evil.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
          "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
  EXPECT_THAT(said.text, StartsWith("HTTP/1.1 403"));
}

TEST(HttpHeads, AnAbsoluteTargetIsAPath) {
  const Said said =
      say("GET http://localhost:1/api/plans?limit=1 HTTP/1.1\r\nHost: ignored.example\r\n\r\n"
          "GET HTTP://localhost HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(said.asked, testing::ElementsAre("GET /api/plans ", "GET / "));
}

TEST(HttpHeads, OptionsMayAskOfTheWholeServer) {
  const Said said = say("OPTIONS * HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(said.asked, testing::ElementsAre("OPTIONS * "));
}

TEST(HttpHeads, NothingIsExpectedButAnInvitation) {
  const Said said = say("POST / HTTP/1.1\r\nHost: localhost\r\nExpect: wonders\r\n\r\n");
  EXPECT_THAT(said.text, StartsWith("HTTP/1.1 417"));
}

TEST(HttpHeads, EveryAnswerIsDated) {
  for (const char* request : {"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
                              "NONSENSE\r\n\r\n", "GET / HTTP/1.1\r\n\r\n"})
    EXPECT_THAT(say(request).text, testing::ContainsRegex("\r\nDate: [A-Z][a-z]{2}, [0-9]{2} "))
        << request;
}

TEST(HttpHeads, ARefusedHeadHasNoBody) {
  const Said said = say("HEAD / HTTP/1.1\r\nHost: evil.example\r\n\r\n");
  EXPECT_THAT(said.text, AllOf(StartsWith("HTTP/1.1 403"), testing::EndsWith("\r\n\r\n")));
}

// Eight slow readers held five gigabytes.
TEST(HttpBytes, AnswersThatNobodyTakesAreBounded) {
  constexpr std::size_t kBig = std::size_t{24} << 20;  // more than two sockets buffer
  ServerOptions options;
  options.answers_bytes = kBig + 1'000;
  World world{options};
  world.on_request = [&](const HttpRequest& request, const HttpAnswer& answer) {
    answer({.body = request.path == "/big" ? std::string(kBig, 'x') : std::string{"{}"}});
  };
  RawClient slow{world};
  slow.say("GET /big HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(slow.said_up_to("\r\n\r\n"), StartsWith("HTTP/1.1 200"));
  RawClient second{world};
  second.say("GET /big HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(second.said_up_to("\"}"),
              AllOf(StartsWith("HTTP/1.1 503"), HasSubstr("Retry-After: 1")));
  RawClient small{world};
  small.say("GET /small HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(small.all_said().value(), StartsWith("HTTP/1.1 200"));
  slow.vanish();
  std::string said;
  for (int tries = 0; tries < 100 && !said.starts_with("HTTP/1.1 200"); ++tries) {
    RawClient third{world};
    third.say("GET /big HTTP/1.1\r\nHost: x\r\n\r\n");
    said = third.said_up_to("\r\n\r\n");
    third.vanish();
  }
  EXPECT_THAT(said, StartsWith("HTTP/1.1 200")) << "what it held was not given back";
}

TEST(HttpBytes, BodiesThatAreSentSlowlyAreBounded) {
  constexpr std::size_t kMost = 100'000;
  ServerOptions options;
  options.bodies_bytes = kMost;
  World world{options};
  world.on_request = [](const HttpRequest&, const HttpAnswer& answer) { answer({.body = "{}"}); };
  const std::string head = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: ";
  RawClient slow{world};
  slow.say(head + std::to_string(kMost) + "\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_THAT(slow.said_up_to("\r\n\r\n"), StartsWith("HTTP/1.1 100"));
  RawClient second{world};
  second.say(head + std::to_string(ByteBudget::kSmall + 1) + "\r\n\r\n");
  EXPECT_THAT(second.said_up_to("\"}"), StartsWith("HTTP/1.1 503"));
  EXPECT_EQ(world.server->busy().bodies, 1U);
  RawClient small{world};
  small.say(head + "2\r\n\r\n{}");
  EXPECT_THAT(small.said_up_to("{}"), StartsWith("HTTP/1.1 200"));
  slow.say(std::string(kMost, 'x'));
  EXPECT_THAT(slow.said_up_to("{}"), StartsWith("HTTP/1.1 200"));
  slow.say("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
  EXPECT_THAT(slow.said_up_to("{}"), StartsWith("HTTP/1.1 200")) << "alone it may have any length";
}

TEST(ByteBudget, GivesBackWhatAShareHeld) {
  constexpr std::size_t kUnit = ByteBudget::kSmall + 1;  // no small one
  const ByteBudget budget{10 * kUnit};
  ByteBudget::Share first;
  EXPECT_TRUE(budget.take(100 * kUnit, first)) << "alone";
  {
    ByteBudget::Share second;
    EXPECT_FALSE(budget.take(kUnit, second));
    EXPECT_TRUE(budget.take(4 * kUnit, first)) << "instead of what it had";
    EXPECT_TRUE(budget.take(6 * kUnit, second));
    ByteBudget::Share third;
    EXPECT_FALSE(budget.take(kUnit, third));
    third = std::move(second);
  }
  ByteBudget::Share again;
  EXPECT_TRUE(budget.take(6 * kUnit, again));
  EXPECT_EQ(budget.refused(), 2U);
}

TEST(ByteBudget, GivesWhatIsSmallAlways) {
  const ByteBudget budget{1};
  ByteBudget::Share large;
  ByteBudget::Share small;
  EXPECT_TRUE(budget.take(std::size_t{1} << 30U, large));
  EXPECT_TRUE(budget.take(ByteBudget::kSmall, small));
  EXPECT_FALSE(budget.take(ByteBudget::kSmall + 1, small));
}

}  // namespace
}  // namespace systask::net
