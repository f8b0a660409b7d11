#include "service/gateway/publications.h"

#include "tests/unit/service/gateway_world.h"

namespace systask::service {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr std::int64_t kMostInFlight = 16'384;  // docs/protocol.md, section 8

class PublicationsTest : public ::testing::Test {
 protected:
  void arrive(std::int64_t from, std::int64_t through) {
    for (std::int64_t number = from; number <= through; ++number)
      ASSERT_FALSE(publications->arrived(number, 10).has_error()) << number;
  }
  void deal_with(std::int64_t from, std::int64_t through) {
    for (std::int64_t number = from; number <= through; ++number)
      publications->dealt_with(number);
  }

  PostedWork posted;
  std::shared_ptr<FakeConnection> connection = std::make_shared<FakeConnection>();
  std::shared_ptr<Publications> publications =
      std::make_shared<Publications>(connection, posted.poster());
};

TEST_F(PublicationsTest, OneAcknowledgementCoversAllThatIsDealtWith) {
  arrive(1, 5);
  deal_with(1, 4);
  EXPECT_THAT(connection->take(), IsEmpty()) << "it is the io thread that sends";
  EXPECT_EQ(posted.run(), 1U);
  EXPECT_THAT(connection->take(), ElementsAre(R"({"acked":4})"));
  deal_with(5, 5);
  posted.run();
  EXPECT_THAT(connection->take(), ElementsAre(R"({"acked":5})"));
}

TEST_F(PublicationsTest, AGapIsNeverAcknowledgedOver) {
  arrive(1, 5);
  for (const std::int64_t number : {1, 3, 5, 4})
    publications->dealt_with(number);
  posted.run();
  EXPECT_THAT(connection->take(), ElementsAre(R"({"acked":1})"));
  publications->dealt_with(2);
  posted.run();
  EXPECT_THAT(connection->take(), ElementsAre(R"({"acked":5})"));
}

TEST_F(PublicationsTest, NothingIsAcknowledgedBeforeTheFirstIsDealtWith) {
  arrive(1, 2);
  publications->dealt_with(2);
  posted.run();
  EXPECT_THAT(connection->take(), IsEmpty());
}

TEST_F(PublicationsTest, NumbersGrowByOne) {
  for (const std::int64_t wrong : {0, 2, -1}) {
    const auto arrived = publications->arrived(wrong, 10);
    ASSERT_TRUE(arrived.has_error()) << wrong;
    EXPECT_EQ(arrived.error().code, "BAD_REQUEST");
    EXPECT_THAT(arrived.error().message, HasSubstr("expected 1"));
  }
  arrive(1, 1);
  EXPECT_TRUE(publications->arrived(1, 10).has_error());
  arrive(2, 2);
}

TEST_F(PublicationsTest, AFailureClosesTheConnectionAndEndsAcknowledging) {
  arrive(1, 3);
  deal_with(1, 1);
  posted.run();
  connection->take();
  publications->failed(2, "the disk is full");
  publications->failed(3, "the disk is full");
  publications->dealt_with(3);
  EXPECT_EQ(posted.run(), 0U);
  EXPECT_THAT(connection->take(), IsEmpty());
  EXPECT_EQ(connection->closed(), "publication 2 was not kept, publish it again: the disk is full");
}

TEST_F(PublicationsTest, ReadingPausesAtTheBoundAndGoesOnAtHalfOfIt) {
  arrive(1, kMostInFlight - 1);
  EXPECT_EQ(connection->pauses(), 0);
  arrive(kMostInFlight, kMostInFlight + 1);  // one frame already read may still come
  EXPECT_EQ(connection->pauses(), 1);
  deal_with(1, kMostInFlight / 2);
  posted.run();
  EXPECT_EQ(connection->resumes(), 0);
  deal_with(kMostInFlight / 2 + 1, kMostInFlight / 2 + 1);
  posted.run();
  EXPECT_EQ(connection->resumes(), 1);
  deal_with(kMostInFlight / 2 + 2, kMostInFlight + 1);
  posted.run();
  EXPECT_EQ(connection->resumes(), 1);
  EXPECT_EQ(connection->take().back(), R"({"acked":16385})");
}

TEST_F(PublicationsTest, OutlivesItsConnection) {
  arrive(1, 2);
  publications->dealt_with(1);
  connection.reset();
  EXPECT_EQ(posted.run(), 1U);
  publications->failed(2, "too late for anybody");
}

// Frames of a megabyte: sixteen thousand of them would be sixteen gigabytes.
TEST_F(PublicationsTest, ManyBytesOnTheirWayPauseReadingToo) {
  constexpr std::size_t kMegabyte = std::size_t{1} << 20;
  for (std::int64_t number = 1; number <= 31; ++number)
    ASSERT_FALSE(publications->arrived(number, kMegabyte).has_error());
  EXPECT_EQ(connection->pauses(), 0);
  ASSERT_FALSE(publications->arrived(32, kMegabyte).has_error());
  EXPECT_EQ(connection->pauses(), 1);
  deal_with(1, 15);
  posted.run();
  EXPECT_EQ(connection->resumes(), 0) << "17 MiB are on their way";
  deal_with(16, 16);
  posted.run();
  EXPECT_EQ(connection->resumes(), 1);
}

}  // namespace
}  // namespace systask::service
