// What the API takes and tells as the RFCs of HTTP say: types, methods, whom it does not know.
#include <gmock/gmock.h>

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

}  // namespace
}  // namespace systask::service
