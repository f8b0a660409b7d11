#include "service/gateway/message_centre.h"

#include "tests/unit/service/gateway_world.h"
#include "trading/ports/outbox.h"

namespace systask::service {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class MessageCentreTest : public ::testing::Test {
 protected:
  Result<void> publish(const std::string& topic, const std::string& body = "{}") {
    return centre.publish({topic, trading::PlanId{31}, trading::LineNumber{118}, body});
  }
  std::shared_ptr<FakeConnection> subscriber(std::vector<std::string> topics) {
    auto connection = std::make_shared<FakeConnection>();
    EXPECT_FALSE(centre.subscribe(connection, std::move(topics)).has_error());
    return connection;
  }

  std::vector<trading::Publication> failed;
  std::string why;
  std::vector<trading::OutNo> made;
  EmbeddedCentre centre{[this](trading::Publication publication, const std::string& error) {
                          failed.push_back(std::move(publication));
                          why = error;
                        },
                        [this](trading::OutNo kept) { made.push_back(kept); }};
};

TEST_F(MessageCentreTest, ASubscriberGetsItsTopics) {
  const auto fills = subscriber({"asset.algo.realdeal"});
  const auto all = subscriber({"asset.algo.*"});
  const auto everything = subscriber({"*"});
  const auto two = subscriber({"asset.algo.real*", "asset.algo.realdeal"});
  EXPECT_FALSE(publish("asset.algo.realdeal").has_error());
  EXPECT_FALSE(publish("asset.algo.realdeals").has_error());
  EXPECT_FALSE(publish("stp.api.realdeal").has_error());
  EXPECT_THAT(fills->take(),
              ElementsAre(R"({"topic":"asset.algo.realdeal","plan":31,"line":118,"body":{}})"));
  EXPECT_THAT(all->take(), SizeIs(2));
  EXPECT_THAT(everything->take(), SizeIs(3));
  EXPECT_THAT(two->take(), SizeIs(2)) << "one frame a publication, however many patterns match";
}

TEST_F(MessageCentreTest, TopicsAddUpUntilTheConnectionLeaves) {
  const auto one = subscriber({"a"});
  EXPECT_FALSE(centre.subscribe(one, {"b"}).has_error());
  EXPECT_FALSE(publish("a").has_error());
  EXPECT_FALSE(publish("b").has_error());
  EXPECT_THAT(one->take(), SizeIs(2));
  centre.unsubscribe(one.get());
  EXPECT_FALSE(publish("a").has_error());
  EXPECT_THAT(one->take(), IsEmpty());
}

TEST_F(MessageCentreTest, AnEmptyBodyIsNotSent) {
  const auto one = subscriber({"*"});
  const auto published = publish("a", "");
  ASSERT_TRUE(published.has_error());
  EXPECT_EQ(published.error().code, "EMPTY_BODY");
  EXPECT_THAT(one->take(), IsEmpty());
  EXPECT_THAT(failed, IsEmpty()) << "it would be as empty at the next try";
  EXPECT_EQ(kEmptyBodyError, -1001);
}

TEST_F(MessageCentreTest, WhatASubscriberDidNotTakeIsKept) {
  const auto slow = subscriber({"*"});
  const auto quick = subscriber({"*"});
  slow->refuse_frames();
  const auto published = publish("asset.algo.realdeal");
  ASSERT_TRUE(published.has_error());
  EXPECT_EQ(published.error().code, "ERR_MSG_SEND_ERROR");
  EXPECT_EQ(why, "1 of 2 subscribers took no more");
  ASSERT_THAT(failed, SizeIs(1));
  EXPECT_EQ(failed.front().topic, "asset.algo.realdeal");
  EXPECT_EQ(failed.front().body, "{}");
  EXPECT_THAT(quick->take(), SizeIs(1));
  // It is a subscriber no longer: the next one goes well.
  EXPECT_FALSE(publish("asset.algo.realdeal").has_error());
}

TEST_F(MessageCentreTest, NobodyToPublishToIsNoFailure) {
  EXPECT_FALSE(publish("a").has_error());
  const auto one = subscriber({"b"});
  EXPECT_FALSE(publish("a").has_error());
  EXPECT_THAT(failed, IsEmpty());
}

TEST_F(MessageCentreTest, WhatIsKeptIsToldWhereItWentWell) {
  const auto publish_kept = [this](std::int64_t no, const std::string& body = "{}") {
    return centre.publish({"a", trading::PlanId{31}, {}, body, trading::OutNo{no}});
  };
  EXPECT_FALSE(publish_kept(1).has_error());  // to nobody
  const auto one = subscriber({"a"});
  EXPECT_FALSE(publish_kept(2).has_error());
  EXPECT_TRUE(publish_kept(3, "").has_error());
  EXPECT_FALSE(publish("a").has_error());
  EXPECT_THAT(made, ElementsAre(trading::OutNo{1}, trading::OutNo{2}, trading::OutNo{3}));
  one->refuse_frames();
  EXPECT_TRUE(publish_kept(4).has_error());
  EXPECT_THAT(made, SizeIs(3));
  ASSERT_THAT(failed, SizeIs(1));
  EXPECT_EQ(failed.front().kept, trading::OutNo{4});
}

TEST_F(GatewayTest, AFailedPublicationIsInTheOutboxUntilItIsMadeAgain) {
  const Caller slow = log_in("client", "cli");
  EXPECT_TRUE(ask(slow, R"({"id":3,"name":"subscribe","body":{"topics":["t*"]}})").contains("ok"));
  slow.connection->refuse_frames();
  hub.publish({"topic", trading::PlanId{31}, trading::LineNumber{5}, R"({"a":1})"});
  settle();
  ASSERT_THAT(stores.tables().outbox, SizeIs(1));
  const trading::OutRow& row = stores.tables().outbox.begin()->second;
  EXPECT_EQ(row.topic, "topic");
  EXPECT_EQ(row.kind, trading::OutKind::kPublication);
  EXPECT_EQ(row.last_error, "1 of 1 subscribers took no more");

  const Caller back = log_in("client", "cli");
  EXPECT_TRUE(ask(back, R"({"id":3,"name":"subscribe","body":{"topics":["t*"]}})").contains("ok"));
  EXPECT_EQ(platform.retry_outbox().rows, 1);
  EXPECT_THAT(back.connection->take(),
              ElementsAre(R"({"topic":"topic","plan":31,"line":5,"body":{"a":1}})"));
  EXPECT_EQ(platform.retry_outbox().rows, 0);
  EXPECT_THAT(stores.tables().outbox, IsEmpty());
}

// Each topic of each connection is looked at for every publication.
TEST_F(MessageCentreTest, AConnectionHasSoManyTopicsAndEachOnce) {
  const auto one = subscriber({"a"});
  for (int i = 0; i < 10'000; ++i)
    ASSERT_FALSE(centre.subscribe(one, {"a", "a"}).has_error()) << i;
  std::vector<std::string> topics;
  for (std::size_t i = 0; i < EmbeddedCentre::kMostTopics - 1; ++i)
    topics.push_back("t" + std::to_string(i));
  EXPECT_FALSE(centre.subscribe(one, topics).has_error());
  const auto refused = centre.subscribe(one, {"one.more"});
  ASSERT_TRUE(refused.has_error());
  EXPECT_EQ(refused.error().code, "TOO_MANY");
  EXPECT_TRUE(centre.subscribe(one, {std::string(257, 'x')}).has_error());
  EXPECT_FALSE(publish("a").has_error());
  EXPECT_FALSE(publish("one.more").has_error());
  EXPECT_THAT(one->take(), SizeIs(1));
}

}  // namespace
}  // namespace systask::service
