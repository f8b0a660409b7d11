#include "service/gateway/envelope.h"

#include <gtest/gtest.h>

namespace systask::service {
namespace {

std::string code_of(std::string_view frame) {
  const auto envelope = read_envelope(frame);
  return envelope.has_error() ? envelope.error().code : "";
}

TEST(Envelope, CutsOutTheMembersOfARequest) {
  const auto envelope = read_envelope(
      R"({"id":7,"name":"claim","fn":5180246,"plan":31,"epoch":4,"body":{"snapshot":117}})");
  ASSERT_FALSE(envelope.has_error());
  EXPECT_EQ(envelope->id, "7");
  EXPECT_EQ(envelope->name, "claim");
  EXPECT_EQ(envelope->fn, 5'180'246);
  EXPECT_EQ(envelope->plan, 31);
  EXPECT_EQ(envelope->epoch, 4);
  EXPECT_EQ(envelope->body, R"({"snapshot":117})");
  EXPECT_FALSE(envelope->pub);
  EXPECT_TRUE(envelope->ack.empty());
}

TEST(Envelope, TakesNumbersOnlyAsJsonWritesThem) {
  const auto is_wrong = [](const std::string& id) {
    const std::string frame = R"({"id":)" + id + "}";
    return read_envelope(frame)->wrong.has_value();
  };
  for (const char* id : {"007", "-01", "+1", "1.0"})
    EXPECT_TRUE(is_wrong(id)) << id;
  for (const char* id : {"0", "-5", "70"})
    EXPECT_FALSE(is_wrong(id)) << id;
}

TEST(Envelope, QuotesWholeCharacters) {
  EXPECT_EQ(excerpt_of(std::string(39, 'x') + "\u6052\u751f"), std::string(39, 'x'));
  EXPECT_EQ(excerpt_of("\u6052"), "\u6052");
}

TEST(Envelope, ReadsPublicationsAndAcknowledgements) {
  const auto publication = read_envelope(R"({"pub":12,"topic":"stp.api.realdeal","body":{}})");
  ASSERT_FALSE(publication.has_error());
  EXPECT_EQ(publication->pub, 12);
  EXPECT_EQ(publication->topic, "stp.api.realdeal");
  const auto frame = read_envelope(R"({"ack":{"plan":31,"epoch":4,"through":118}})");
  ASSERT_FALSE(frame.has_error());
  const auto ack = read_envelope(frame->ack);
  ASSERT_FALSE(ack.has_error());
  EXPECT_EQ(ack->through, 118);
  EXPECT_EQ(ack->plan, 31);
  EXPECT_FALSE(ack->out);
  EXPECT_EQ(read_envelope(R"({"out":82})")->out, 82);
}

TEST(Envelope, TakesTheBodyAsItIsWritten) {
  struct Case {
    const char* frame;
    const char* body;
  };
  for (const auto& [frame, body] :
       {Case{R"({"body":{"a":{"b":[1,{"c":[]}]}},"id":1})", R"({"a":{"b":[1,{"c":[]}]}})"},
        Case{R"({"body":{"s":"}]\"{"},"id":1})", R"({"s":"}]\"{"})"},
        Case{R"({"body":{"s":"ends with \\"},"id":1})", R"({"s":"ends with \\"})"},
        Case{R"({"body":[ 1 , "," ] ,"id":1})", R"([ 1 , "," ])"},
        Case{R"({"body":null,"id":1})", "null"}, Case{R"({"body":"","id":1})", R"("")"},
        Case{R"({"body":"a\"b","id":1})", R"("a\"b")"},
        Case{"{\"body\":-1.5e3\n,\"id\":1}", "-1.5e3"}}) {
    const auto envelope = read_envelope(frame);
    ASSERT_FALSE(envelope.has_error()) << frame << ": " << envelope.error().message;
    EXPECT_EQ(envelope->body, body) << frame;
    EXPECT_EQ(envelope->id, "1") << frame;
  }
}

TEST(Envelope, AllowsSpaceBetweenAnyTwoParts) {
  const auto envelope = read_envelope(
      "\r\n {\t\"id\" :\n 7 , \"name\":\"heartbeat\"\r\n, \"plan\" : 3 , \"body\" : { } }\n ");
  ASSERT_FALSE(envelope.has_error()) << envelope.error().message;
  EXPECT_EQ(envelope->id, "7");
  EXPECT_EQ(envelope->name, "heartbeat");
  EXPECT_EQ(envelope->plan, 3);
  EXPECT_EQ(envelope->body, "{ }");
}

TEST(Envelope, IgnoresMembersThatItDoesNotKnow) {
  const auto envelope = read_envelope(R"({"trace":{"id":[9]},"id":1,"pl\"an":5,"x":true})");
  ASSERT_FALSE(envelope.has_error());
  EXPECT_EQ(envelope->id, "1");
  EXPECT_FALSE(envelope->plan);
  EXPECT_TRUE(read_envelope(" {} ").has_value());
}

TEST(Envelope, RefusesWhatIsNoObject) {
  for (const char* frame : {"",
                            "   ",
                            "7",
                            "[]",
                            "\"text\"",
                            "{",
                            R"({"id")",
                            R"({"id":)",
                            R"({"id":})",
                            R"({"id":7)",
                            R"({"id":7,)",
                            R"({"id":7,})",
                            R"({"id" 7})",
                            "{id:7}",
                            R"({"id":7}})",
                            R"({"id":7} {})",
                            R"({"id":7 8})",
                            R"({"body":{"a":1)",
                            R"({"body":{"a":"})",
                            R"({"name":"claim})",
                            R"({"name":"claim\"})",
                            R"({"body":"a\)",
                            R"({"a":[1,2})"})
    EXPECT_EQ(code_of(frame), "BAD_JSON") << frame;
}

TEST(Envelope, RefusesNumbersThatAreNoIntegers) {
  for (const char* key : {"id", "fn", "pub", "out", "through", "plan", "epoch"})
    for (const char* value :
         {"\"7\"", "1.5", "1e3", "null", "true", "{}", "[7]", "+1", "0x1", "9223372036854775808"}) {
      const std::string frame = std::string{"{\""} + key + "\":" + value + "}";
      const auto envelope = read_envelope(frame);
      ASSERT_TRUE(envelope.has_value()) << frame;
      ASSERT_TRUE(envelope->wrong) << frame;
      EXPECT_EQ(envelope->wrong->code, "BAD_REQUEST") << frame;
      EXPECT_EQ(envelope->wrong->message.find(key), 0U) << frame;
    }
  EXPECT_EQ(read_envelope(R"({"plan":9223372036854775807})")->plan, INT64_MAX);
  EXPECT_EQ(read_envelope(R"({"plan":-3})")->plan, -3);
}

TEST(Envelope, KeepsItsIdWhateverElseIsWrong) {
  for (const char* member : {R"("plan":"x")", R"("epoch":1.5)", R"("fn":null)", R"("name":7)",
                             R"("topic":{})", R"("through":"1","plan":"x")"}) {
    for (const std::string& frame :
         {std::string{R"({"id":7,)"} + member + "}", std::string{"{"} + member + R"(,"id":7})"}) {
      const auto envelope = read_envelope(frame);
      ASSERT_TRUE(envelope.has_value()) << frame;
      EXPECT_TRUE(envelope->wrong) << frame;
      EXPECT_EQ(envelope->id, "7") << frame;
    }
  }
  EXPECT_EQ(read_envelope(R"({"id":"7"})")->id, "") << "it cannot be repeated";
}

TEST(Envelope, AMemberIsGivenOnce) {
  for (const char* frame :
       {R"({"id":1,"id":2})", R"({"id":1,"plan":3,"plan":3})", R"({"id":1,"name":"a","name":"b"})",
        R"({"id":1,"body":{},"body":{}})", R"({"id":1,"ack":{},"ack":{}})"}) {
    const auto envelope = read_envelope(frame);
    ASSERT_TRUE(envelope->wrong) << frame;
    EXPECT_NE(envelope->wrong->message.find(": given twice, expected once"), std::string::npos);
    EXPECT_EQ(envelope->id, "1") << "the first";
  }
}

TEST(Envelope, SurvivesAFrameOfNothingButBrackets) {
  EXPECT_EQ(code_of(R"({"body":)" + std::string(1'000'000, '[')), "BAD_JSON");
}

}  // namespace
}  // namespace systask::service
