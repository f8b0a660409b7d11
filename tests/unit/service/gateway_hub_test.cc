#include "service/gateway/hub.h"

#include "tests/unit/service/gateway_world.h"

namespace systask::service {
namespace {

using namespace trading;  // NOLINT: this file is made of trading's types
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

struct FakeCentre final : MessageCentre {
  Result<void> publish(Publication publication) override {
    published.push_back(std::move(publication));
    return {};
  }
  std::vector<Publication> published;
};

class HubTest : public ::testing::Test {
 protected:
  static std::shared_ptr<FakeConnection> make() { return std::make_shared<FakeConnection>(); }
  void push(SessionId session) {
    hub.push({session, "asset.algo.skip", PlanId{3}, Epoch{1}, LineNumber{2}, "{}"});
  }
  static OutRow order(std::int64_t no) {
    OutRow row;
    row.no = OutNo{no};
    row.topic = "stp.order.place";
    row.body = "{}";
    return row;
  }

  FakeCentre centre;
  int recoveries = 0;
  Hub hub{centre, [this] { ++recoveries; }};
  std::shared_ptr<FakeConnection> one = make();
  std::shared_ptr<FakeConnection> two = make();
};

TEST_F(HubTest, PushesGoToTheConnectionOfTheLogin) {
  hub.bind_site(SessionId{1}, one);
  hub.bind_site(SessionId{2}, two);
  push(SessionId{2});
  push(SessionId{3});  // not connected: it says what it has when it resumes
  EXPECT_THAT(one->take(), IsEmpty());
  EXPECT_THAT(two->take(),
              ElementsAre(R"({"topic":"asset.algo.skip","plan":3,"epoch":1,"seq":2,"body":{}})"));
}

TEST_F(HubTest, ALoginResumedElsewhereClosesItsFormerConnection) {
  hub.bind_site(SessionId{1}, one);
  hub.bind_site(SessionId{1}, two);
  EXPECT_EQ(one->closed(), "this login was resumed on another connection");
  EXPECT_FALSE(two->closed());
  EXPECT_FALSE(hub.unbind_site(SessionId{1}, one.get())) << "the login is another connection's now";
  push(SessionId{1});
  EXPECT_THAT(two->take(), SizeIs(1));
  EXPECT_TRUE(hub.unbind_site(SessionId{1}, two.get()));
  EXPECT_FALSE(hub.unbind_site(SessionId{1}, two.get()));
  push(SessionId{1});
  EXPECT_THAT(two->take(), IsEmpty());
}

TEST_F(HubTest, ADeadLoginIsToldByAClose) {
  hub.bind_site(SessionId{1}, one);
  hub.session_lost(SessionId{1});
  hub.session_lost(SessionId{1});
  EXPECT_EQ(one->closed(), "this login is dead: log in anew");
  EXPECT_FALSE(hub.unbind_site(SessionId{1}, one.get()));
}

TEST_F(HubTest, AReplacedLoginIsToldByWhom) {
  hub.bind_site(SessionId{1}, one);
  hub.session_replaced(SessionId{1}, "10.0.0.2:6");
  EXPECT_THAT(one->take(), ElementsAre(testing::AllOf(testing::HasSubstr(R"("code":"REPLACED")"),
                                                      testing::HasSubstr(R"("by":"10.0.0.2:6")"))));
  EXPECT_EQ(one->closed(), "another process logged in under this name, from 10.0.0.2:6");
  EXPECT_FALSE(hub.unbind_site(SessionId{1}, one.get()));
}

TEST_F(HubTest, OrdersGoToTheOrderSystemThatLoggedInLast) {
  hub.order(order(1));  // stays in the outbox until somebody logs in
  hub.bind_order_system(one);
  hub.order(order(2));
  hub.bind_order_system(two);
  hub.unbind_order_system(one.get());  // its close comes late
  hub.order(order(3));
  EXPECT_THAT(one->take(), ElementsAre(R"({"topic":"stp.order.place","out":2,"body":{}})"));
  EXPECT_THAT(two->take(), ElementsAre(R"({"topic":"stp.order.place","out":3,"body":{}})"));
  hub.unbind_order_system(two.get());
  hub.order(order(4));
  EXPECT_THAT(two->take(), IsEmpty());
}

TEST_F(HubTest, PublicationsGoToTheMessageCentreAndTriggersToTheScheduler) {
  hub.publish({"asset.algo.realdeal", PlanId{3}, LineNumber{2}, "{}"});
  ASSERT_THAT(centre.published, SizeIs(1));
  EXPECT_EQ(centre.published.front().topic, "asset.algo.realdeal");
  hub.recover_now();
  EXPECT_EQ(recoveries, 1);
}

}  // namespace
}  // namespace systask::service
