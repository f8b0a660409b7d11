#include "service/gateway/frames.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "base/text.h"
#include "service/gateway/proof.h"

namespace systask::service {
namespace {

TEST(Frames, AnswersRepeatTheIdAsItWasWritten) {
  EXPECT_EQ(*ok_frame("007", R"({"a":1})"), R"({"id":007,"ok":{"a":1}})");
  EXPECT_EQ(*error_frame("7", {"STALE_EPOCH", "drop it"}),
            R"({"id":7,"error":{"code":"STALE_EPOCH","message":"drop it"}})");
}

TEST(Frames, AnErrorWithoutAnIdHasNone) {
  EXPECT_EQ(*error_frame({}, {"STALE_EPOCH", "drop it"}, R"("plan":31,"epoch":4)"),
            R"({"error":{"code":"STALE_EPOCH","message":"drop it","plan":31,"epoch":4}})");
}

TEST(Frames, DetailsOfARefusalAreMembersOfTheError) {
  EXPECT_EQ(*error_frame("7", {"NOT_DRAINED", "go on", R"("remaining":3)"}),
            R"({"id":7,"error":{"code":"NOT_DRAINED","message":"go on","remaining":3}})");
}

TEST(Frames, MessagesAreEscaped) {
  const std::string nasty = "a \"quoted\" \\ line\nand a tab\t";
  const auto frame = boost::json::parse(*error_frame("1", {"BAD_REQUEST", nasty}));
  EXPECT_EQ(std::string{frame.at("error").at("message").as_string()}, nasty);
}

TEST(Frames, PublicationsAreAnsweredByTheirNumber) {
  EXPECT_EQ(*acked_frame(12), R"({"acked":12})");
  EXPECT_EQ(*publication_error_frame(12, {"EMPTY_BODY", "empty"}, -1001),
            R"({"pub":12,"error":{"code":"EMPTY_BODY","message":"empty","number":-1001}})");
}

TEST(Frames, APushHasASeqOnThePlansLineOnly) {
  using namespace trading;  // NOLINT: this test is made of trading's types
  Push push{SessionId{1}, "asset.algo.realdeal", PlanId{31}, Epoch{4}, LineNumber{118}, "{}"};
  EXPECT_EQ(*push_frame(push),
            R"({"topic":"asset.algo.realdeal","plan":31,"epoch":4,"seq":118,"body":{}})");
  push.line = LineNumber{};
  EXPECT_EQ(*push_frame(push), R"({"topic":"asset.algo.realdeal","plan":31,"epoch":4,"body":{}})");
  EXPECT_EQ(*publication_frame({"t", PlanId{31}, LineNumber{118}, R"({"a":1})"}),
            R"({"topic":"t","plan":31,"line":118,"body":{"a":1}})");
}

TEST(Frames, OrdersCarryTheirNumberInTheOutbox) {
  trading::OutRow row;
  row.no = trading::OutNo{81};
  row.topic = "stp.order.place";
  row.body = R"({"scheme_id":31})";
  EXPECT_EQ(*order_frame(row), R"({"topic":"stp.order.place","out":81,"body":{"scheme_id":31}})");
}

// Computed by another implementation of RFC 2104, with the kinds of keys of RFC 4231: twenty
// bytes, one longer than a block, and a word.
TEST(Proof, IsTheHmacOfChallengeRoleAndName) {
  EXPECT_EQ(proof_of("00ff", "site", "A", std::string(20, '\x0b')),
            "f2161089f6436e09d8f84edf7bacb0e635f9db64081cf049bbbbe0a6fff02ddc");
  EXPECT_EQ(proof_of("00ff", "order_system", "flow", std::string(131, '\xaa')),
            "6a439249e55f3d8cc33f07824b76f24cb7d453d9a17efccb33f9718ef77cfb89");
  EXPECT_EQ(proof_of("c", "client", "\xe6\x9d\x8e", "Jefe"),
            "bc7cf711c47811798720c1b9cd84cce627e2a055b8d4a27299f4583a5f079d1a");
}

TEST(Proof, DependsOnEveryPart) {
  const std::string proof = proof_of("c", "site", "A", "s");
  for (const auto& other : {proof_of("d", "site", "A", "s"), proof_of("c", "client", "A", "s"),
                            proof_of("c", "site", "B", "s"), proof_of("c", "site", "A", "t")})
    EXPECT_FALSE(same_proof(proof, other));
  EXPECT_TRUE(same_proof(proof, proof_of("c", "site", "A", "s")));
  EXPECT_FALSE(same_proof(proof, proof.substr(1)));
  EXPECT_FALSE(same_proof(proof, ""));
}

TEST(Proof, ChallengesAre64HexadecimalDigitsAndNeverTheSame) {
  const std::string one = new_challenge();
  EXPECT_EQ(one.size(), 64U);
  EXPECT_EQ(one.find_first_not_of("0123456789abcdef"), std::string::npos);
  EXPECT_NE(one, new_challenge());
}

TEST(Frames, AnErrorIsWholeUtf8AndBounded) {
  std::string text = "x";
  for (int i = 0; i < 500'000; ++i)
    text += "\xC3\xA9";
  const net::Frame frame = error_frame("7", {"BAD_REQUEST", text}, {});
  EXPECT_TRUE(is_utf8(*frame));
  EXPECT_LT(frame->size(), 5'000U);
  EXPECT_TRUE(is_utf8(*error_frame("7", {"BAD_REQUEST", "half \xC3"}, {})));
}

}  // namespace
}  // namespace systask::service
