// What the API takes and tells as the RFCs of HTTP say: types, methods, whom it does not know.
#include <gmock/gmock.h>

#include <algorithm>
#include <set>

#include "tests/unit/service/api_world.h"

namespace systask::service {
namespace {

using testing::HasSubstr;

class ApiDoors : public ApiTest {
 protected:
  static std::string header(const net::HttpResponse& response, std::string_view name) {
    for (const auto& [key, value] : response.headers)
      if (key == name) return value;
    return "";
  }
};

TEST_F(ApiDoors, AChangeIsAskedForInJson) {
  const std::string plan = R"({"reason":"x"})";
  for (const char* type : {"application/json", "Application/JSON",
                           "application/json; charset=utf-8", "application/json ;charset=UTF-8"}) {
    content_type = type;
    EXPECT_EQ(ask("POST", "/api/tasks/a/pause", plan).status, 200) << type;
  }
  for (const char* type : {"text/plain", "application/x-www-form-urlencoded", "", "json",
                           "multipart/form-data; boundary=application/json",
                           "text/plain; application/json", "application/jsonx"}) {
    content_type = type;
    const auto refused = ask("POST", "/api/tasks/a/resume", plan);
    EXPECT_EQ(refused.status, 415) << type;
    EXPECT_EQ(member(refused, "code"), "UNSUPPORTED_MEDIA_TYPE") << type;
  }
  EXPECT_EQ(desk.changes.size(), 0U);
  EXPECT_EQ(ask("POST", "/api/plans/31/pause").status, 202) << "nothing needs no type";
}

TEST_F(ApiDoors, AHeadIsAnsweredAsItsGet) {
  for (const char* path : {"/healthz", "/api/tasks", "/api/plans/31", "/api/nothing"})
    EXPECT_EQ(ask("HEAD", path).status, ask("GET", path).status) << path;
  EXPECT_EQ(ask("HEAD", "/api/tasks/a/run").status, 405);
}

TEST_F(ApiDoors, APathSaysWhatItTakes) {
  const auto wrong = ask("DELETE", "/api/plans");
  EXPECT_EQ(wrong.status, 405);
  EXPECT_EQ(header(wrong, "Allow"), "GET, POST, HEAD, OPTIONS");
  EXPECT_EQ(header(ask("GET", "/api/tasks/a/run"), "Allow"), "POST, OPTIONS");
  const auto asked = ask("OPTIONS", "/api/plans");
  EXPECT_EQ(asked.status, 204);
  EXPECT_EQ(asked.body, "");
  EXPECT_EQ(header(asked, "Allow"), "GET, POST, HEAD, OPTIONS");
  EXPECT_EQ(ask("OPTIONS", "*").status, 204);
  EXPECT_EQ(ask("OPTIONS", "/api/nothing").status, 404);
}

TEST_F(ApiDoors, WhoeverIsNotKnownIsToldHowToSayWhoItIs) {
  token = "operator ann s3cret";
  const auto unknown = ask("GET", "/api/tasks");
  EXPECT_EQ(unknown.status, 401);
  EXPECT_EQ(header(unknown, "WWW-Authenticate"), R"(Bearer realm="systask")");
  bearer = "guess";
  EXPECT_THAT(header(ask("GET", "/api/tasks"), "WWW-Authenticate"), HasSubstr("invalid_token"));
  bearer = "s3cret";
  EXPECT_EQ(header(ask("GET", "/api/tasks"), "WWW-Authenticate"), "");
}

TEST_F(ApiDoors, ALongPathIsNotRepeatedWhole) {
  const auto lost = ask("GET", "/api/" + std::string(10'000, 'x') + "\x1b[31m");
  EXPECT_EQ(lost.status, 404);
  EXPECT_LT(lost.body.size(), 1'000U);
}

TEST_F(ApiDoors, WhatNoOperationTakesIsRefusedWithWhatWasMeant) {
  const auto detail = [&](const net::HttpResponse& refused) {
    EXPECT_EQ(refused.status, 400);
    return member(refused, "detail");
  };
  EXPECT_THAT(detail(ask("GET", "/api/orders", {}, {{"plann", "1"}})),
              HasSubstr("'plann' is no parameter of GET /api/orders: did you mean 'plan'?"));
  EXPECT_THAT(detail(ask("GET", "/healthz", {}, {{"x", "1"}})), HasSubstr("it takes none"));
  EXPECT_THAT(detail(ask("POST", "/api/plans/31/pause", R"({"actr":"x"})")),
              HasSubstr("'actr' is no member of the body: did you mean 'actor'?"));
  EXPECT_THAT(detail(ask("POST", "/api/plans",
                         R"({"name":"n","strategy":"s","details":[{"market_no":1,"stock_cod":"6",
                             "entrust_direction":1,"quantity":1}]})")),
              HasSubstr("details[0]: 'stock_cod' is no member of the body: did you mean "
                        "'stock_code'?"));
  EXPECT_EQ(ask("POST", "/api/plans/31/modify", R"({"parameters":{"any":"1"}})").status, 202);
  EXPECT_EQ(desk.changes.size(), 1U);
}

TEST_F(ApiDoors, AMemberIsGivenOnce) {
  for (const char* twice :
       {R"({"parameters":{"a":"1"},"parameters":{"b":"2"}})",
        R"({"parameters":{"a":"1", "a" :"1"}})", R"({"parameters":{"a":"1","\u0061":"2"}})",
        R"({"actor":"x","actor":"y"})"}) {
    const auto refused = ask("POST", "/api/plans/31/modify", twice);
    EXPECT_EQ(refused.status, 400) << twice;
    EXPECT_THAT(member(refused, "detail"), HasSubstr("twice in one object: give it once"));
  }
  EXPECT_EQ(desk.changes.size(), 0U);
  const char* const once = R"({"parameters":{"a":"a","actor":"\"a\":","b":"{"},"actor":"a"})";
  EXPECT_EQ(ask("POST", "/api/plans/31/modify", once).status, 202);
}

// What the router serves, what the document has and what the table knows are the same.
TEST_F(ApiDoors, TheDocumentHasEveryRouteAndNoOther) {
  const auto document = get("/api/openapi.json").as_object();
  EXPECT_EQ(document.at("openapi"), "3.1.0");
  std::set<std::string> documented;
  for (const auto& [path, item] : document.at("paths").as_object())
    for (const auto& [method, operation] : item.as_object()) {
      std::string name{method};
      std::ranges::transform(name, name.begin(), [](unsigned char c) { return std::toupper(c); });
      documented.insert(name + " " + std::string{path});
    }
  std::set<std::string> served;
  const auto routes = get("/api");
  for (const auto& route : routes.as_array())
    served.emplace(route.as_string());
  EXPECT_EQ(documented, served);
  EXPECT_EQ(operations().size(), served.size());
}

TEST_F(ApiDoors, TheDocumentNamesEachSchemaThatItUses) {
  const std::string text = ask("GET", "/api/openapi.json").body;
  const auto document = boost::json::parse(text);
  const auto& schemas = document.at("components").at("schemas").as_object();
  constexpr std::string_view kRef = "#/components/schemas/";
  std::set<std::string> used{"Problem"};
  for (auto at = text.find(kRef); at != std::string::npos; at = text.find(kRef, at + 1)) {
    const auto begin = at + kRef.size();
    used.insert(text.substr(begin, text.find('"', begin) - begin));
  }
  for (const std::string& name : used)
    EXPECT_TRUE(schemas.contains(name)) << name;
  EXPECT_EQ(schemas.size(), used.size()) << "a schema is used by nothing";
  std::set<std::string> ids;
  for (const auto& [path, item] : document.at("paths").as_object())
    for (const auto& [method, operation] : item.as_object())
      EXPECT_TRUE(ids.emplace(operation.at("operationId").as_string()).second) << path;
}

// The braces of Boost.JSON make a list of a value that stands alone in them.
TEST_F(ApiDoors, ABodyThatIsNoJsonIsShownAsItsText) {
  desk.quarantined_body = "no JSON";
  EXPECT_EQ(get("/api/quarantine/9").at("body"), "no JSON");
}

TEST_F(ApiDoors, AListSaysWhereItGoesOn) {
  tables.next = "5_118";
  const auto first = ask("GET", "/api/orders", {}, {{"plan", "31"}, {"limit", "2"}});
  EXPECT_EQ(header(first, "Link"), R"(</api/orders?after=5_118&limit=2&plan=31>; rel="next")");
  EXPECT_FALSE(tables.after);
  tables.next = "";
  const auto last = ask("GET", "/api/orders", {}, {{"after", "5_118"}});
  EXPECT_EQ(header(last, "Link"), "");
  ASSERT_TRUE(tables.after);
  EXPECT_EQ(tables.after->first, 5);
  EXPECT_EQ(tables.after->second, 118);
  EXPECT_EQ(header(ask("GET", "/api/tasks", {}, {{"limit", "1"}}), "Link"),
            R"(</api/tasks?after=1&limit=1>; rel="next")");
  const auto second = get("/api/tasks", {{"limit", "1"}, {"after", "1"}});
  EXPECT_EQ(second.as_array().size(), 1U);
  EXPECT_EQ(second.at(0).at("name"), "b");
  EXPECT_EQ(header(ask("GET", "/api/tasks", {}, {{"after", "1"}}), "Link"), "");
  EXPECT_EQ(get("/api/lanes", {{"limit", "1"}}).as_array().size(), 1U);
  for (const char* wrong : {"x", "1_", "_1", "1_2_3", "99999999999999999999", " 1"})
    EXPECT_EQ(ask("GET", "/api/orders", {}, {{"after", wrong}}).status, 400) << wrong;
}

}  // namespace
}  // namespace systask::service
