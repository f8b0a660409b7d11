#include "trading/site_watch.h"

#include <gtest/gtest.h>

namespace systask::trading {
namespace {

using std::chrono::milliseconds;

constexpr SessionId kA{1};
constexpr SessionId kB{2};

// The platform looks every 100 ms; time moves with the looks.
class SiteWatchTest : public testing::Test {
 protected:
  // Why session A is lost by then, or "".
  std::string pass(milliseconds time) {
    for (milliseconds passed{0}; passed < time; passed += milliseconds{100}) {
      now += milliseconds{100};
      if (a_speaks) watch.heard(kA, now);
      if (b_speaks) watch.heard(kB, now);
      for (const SiteWatch::Lost& lost : watch.look(now))
        if (lost.session == kA) return lost.why;
    }
    return "";
  }

  SiteWatch watch{SiteWatch::Limits{}};
  MonotonicPoint now{std::chrono::hours{1}};
  bool a_speaks = false;
  bool b_speaks = false;
};

TEST_F(SiteWatchTest, ASilentSiteIsLostAfterItsTimeout) {
  watch.connected(kA, now);
  EXPECT_EQ(pass(milliseconds{1'000}), "");
  EXPECT_EQ(pass(milliseconds{100}), "silent for 1.1 s");
  EXPECT_EQ(pass(milliseconds{100}), "silent for 1.2 s");  // told until it is forgotten
  watch.forget(kA);
  EXPECT_EQ(pass(milliseconds{2'000}), "");
}

TEST_F(SiteWatchTest, ASiteThatSpeaksIsKept) {
  watch.connected(kA, now);
  a_speaks = true;
  EXPECT_EQ(pass(milliseconds{60'000}), "");
}

TEST_F(SiteWatchTest, AClosedConnectionHasAGrace) {
  watch.connected(kA, now);
  watch.disconnected(kA, now);
  EXPECT_FALSE(watch.is_connected(kA));
  EXPECT_EQ(pass(milliseconds{100}), "");
  EXPECT_EQ(pass(milliseconds{100}), "connection closed");
}

TEST_F(SiteWatchTest, AReconnectWithinTheGraceIsInTime) {
  watch.connected(kA, now);
  watch.disconnected(kA, now);
  EXPECT_EQ(pass(milliseconds{100}), "");
  watch.connected(kA, now);
  a_speaks = true;
  EXPECT_EQ(pass(milliseconds{3'000}), "");
  EXPECT_TRUE(watch.is_connected(kA));
}

TEST_F(SiteWatchTest, OurOwnStallIsForgiven) {
  watch.connected(kA, now);
  EXPECT_EQ(pass(milliseconds{500}), "");
  now += milliseconds{10'000};  // nobody looked
  EXPECT_TRUE(watch.look(now).empty());
  EXPECT_EQ(pass(milliseconds{500}), "");
  EXPECT_EQ(pass(milliseconds{100}), "silent for 1.1 s");
}

TEST_F(SiteWatchTest, WhenAllFallSilentTakeoversAreHeld) {
  watch.connected(kA, now);
  watch.connected(kB, now);
  EXPECT_EQ(pass(milliseconds{6'000}), "");
  EXPECT_EQ(pass(milliseconds{100}), "silent for 6.1 s");
}

TEST_F(SiteWatchTest, WhenAnotherStillSpeaksNothingIsHeld) {
  watch.connected(kA, now);
  watch.connected(kB, now);
  b_speaks = true;
  EXPECT_EQ(pass(milliseconds{1'100}), "silent for 1.1 s");
}

TEST_F(SiteWatchTest, AClosedConnectionCountsWhileTakeoversAreHeld) {
  const SessionId c{3};
  for (const SessionId session : {kA, kB, c})
    watch.connected(session, now);
  EXPECT_EQ(pass(milliseconds{2'000}), "");
  watch.disconnected(kA, now);
  EXPECT_EQ(pass(milliseconds{200}), "connection closed");
}

TEST_F(SiteWatchTest, AfterAStartSitesHaveAGraceToComeBack) {
  watch.expected(kA, now);
  EXPECT_FALSE(watch.is_connected(kA));
  EXPECT_EQ(pass(milliseconds{1'900}), "");
  EXPECT_EQ(pass(milliseconds{100}), "did not come back after our start");
}

TEST_F(SiteWatchTest, ARegularSiteIsSuspectedSoonerAndNeverBeforeItFencesItself) {
  watch.connected(kA, now);
  watch.connected(kB, now);
  b_speaks = true;
  for (int beat = 0; beat < 40; ++beat) {
    now += milliseconds{200};
    watch.heard(kA, now);
    watch.heard(kB, now);
    EXPECT_TRUE(watch.look(now).empty());
  }
  EXPECT_EQ(pass(milliseconds{800}), "");
  EXPECT_EQ(pass(milliseconds{100}), "silent for 0.9 s");
}

TEST_F(SiteWatchTest, AnIrregularSiteHasAllItsTimeAndNoMore) {
  watch.connected(kA, now);
  watch.connected(kB, now);
  b_speaks = true;
  for (int beat = 0; beat < 40; ++beat) {
    for (int step = 0; step < (beat % 2 == 0 ? 1 : 7); ++step) {
      now += milliseconds{100};
      watch.heard(kB, now);
      EXPECT_TRUE(watch.look(now).empty());
    }
    watch.heard(kA, now);
  }
  EXPECT_EQ(pass(milliseconds{1'000}), "");
  EXPECT_EQ(pass(milliseconds{100}), "silent for 1.1 s");
}

TEST_F(SiteWatchTest, AFrozenPlatformLosesNobodyHoweverLongItStood) {
  watch.connected(kA, now);
  watch.connected(kB, now);
  a_speaks = b_speaks = true;
  EXPECT_EQ(pass(milliseconds{10'000}), "");
  now += milliseconds{5'000};  // SIGSTOP
  EXPECT_TRUE(watch.look(now).empty());
  a_speaks = false;  // what it sent meanwhile comes a little later
  EXPECT_EQ(pass(milliseconds{500}), "");
  a_speaks = true;
  EXPECT_EQ(pass(milliseconds{10'000}), "");
}

TEST_F(SiteWatchTest, AStallBetweenOurStartAndTheFirstLookIsForgiven) {
  watch.begin(now);
  watch.expected(kA, now);
  now += milliseconds{3'000};
  EXPECT_TRUE(watch.look(now).empty());
  EXPECT_EQ(pass(milliseconds{1'900}), "");
  EXPECT_EQ(pass(milliseconds{100}), "did not come back after our start");
}

TEST_F(SiteWatchTest, WhatIsSeenOnWakingCountsFromThenAndNoLater) {
  watch.connected(kA, now);
  watch.connected(kB, now);
  a_speaks = b_speaks = true;
  EXPECT_EQ(pass(milliseconds{500}), "");
  now += milliseconds{5'000};
  watch.disconnected(kA, now);  // it was closed while we stood still
  EXPECT_TRUE(watch.look(now + milliseconds{20}).empty());
  EXPECT_EQ(pass(milliseconds{200}), "");
  EXPECT_EQ(pass(milliseconds{100}), "connection closed");
}

TEST_F(SiteWatchTest, WhoeverComesWhileNobodyLooksIsNotTrustedForLonger) {
  watch.begin(now);
  now += milliseconds{4'000};
  watch.connected(kA, now);
  EXPECT_TRUE(watch.look(now).empty());
  EXPECT_EQ(pass(milliseconds{1'000}), "");
  EXPECT_EQ(pass(milliseconds{100}), "silent for 1.1 s");
}

TEST_F(SiteWatchTest, AGlanceFromElsewhereLosesNobodyWhileTheLoopStandsStill) {
  watch.connected(kA, now);
  EXPECT_EQ(pass(milliseconds{100}), "");
  for (int i = 0; i < 100; ++i)
    EXPECT_TRUE(watch.glance(now + milliseconds{1'200 + i * 50}).empty());
  EXPECT_EQ(pass(milliseconds{1'100}), "silent for 1.1 s");
  EXPECT_EQ(watch.glance(now).size(), 1U);
}

TEST_F(SiteWatchTest, AwakeTimeStandsStillWhileWeDo) {
  watch.begin(now);
  const MonotonicPoint then = watch.awake(now);
  EXPECT_EQ(pass(milliseconds{400}), "");
  EXPECT_EQ(watch.awake(now) - then, milliseconds{400});
  now += milliseconds{7'000};
  EXPECT_EQ(watch.awake(now) - then, milliseconds{400});  // before anybody has looked
  EXPECT_TRUE(watch.look(now).empty());
  EXPECT_EQ(watch.awake(now) - then, milliseconds{400});
  EXPECT_EQ(pass(milliseconds{100}), "");
  EXPECT_EQ(watch.awake(now) - then, milliseconds{500});
}

TEST_F(SiteWatchTest, WhatCameToNothingIsToldAgainUnlessTheSiteIsBack) {
  watch.connected(kA, now);
  watch.disconnected(kA, now);
  now += milliseconds{250};
  const SiteWatch::Lost lost = watch.look(now).at(0);
  watch.forget(kA);
  watch.still_lost(lost, now);
  EXPECT_FALSE(watch.is_connected(kA));
  EXPECT_EQ(watch.look(now).at(0).why, "connection closed");
  watch.forget(kA);
  watch.connected(kA, now);
  watch.still_lost(lost, now);
  EXPECT_TRUE(watch.is_connected(kA));
}

TEST_F(SiteWatchTest, HoldingTakeoversIsSeenFromOutside) {
  watch.connected(kA, now);
  watch.connected(kB, now);
  EXPECT_EQ(pass(milliseconds{1'000}), "");
  EXPECT_FALSE(watch.holds());
  EXPECT_EQ(pass(milliseconds{100}), "");
  EXPECT_TRUE(watch.holds());
  EXPECT_EQ(watch.times_held(), 1U);
  b_speaks = true;
  pass(milliseconds{100});
  EXPECT_FALSE(watch.holds());
}

TEST_F(SiteWatchTest, SaysHowLongASessionIsSilent) {
  EXPECT_FALSE(watch.silent_for(kA, now).has_value());
  watch.connected(kA, now);
  EXPECT_EQ(watch.silent_for(kA, now + milliseconds{300}), milliseconds{300});
  watch.heard(kA, now + milliseconds{200});
  EXPECT_EQ(watch.silent_for(kA, now + milliseconds{300}), milliseconds{100});
}

}  // namespace
}  // namespace systask::trading
