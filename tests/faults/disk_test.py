"""The disk under the service: power cuts that take what no fsync had made safe, or tear it; writes
and fsyncs that fail; a disk that is full, and has room again. What was acknowledged is there."""

import threading
import unittest

import faults
from faults import NIGHTLY, SANITIZED, WHY_NOT, dice, drill, passings, say_to_disk, side_by_side
from harness import until
from one_plan import OnePlan
from peer import OrderSystem, Site
from websocket import Closed

# Where a power cut hurts: in the middle of a commit, just before and just after its fsync, and
# when somebody has just been told of it.
CUTS = ("file.log-write.after", "file.log-sync.before", "file.log-sync.after",
        "commit.intake.after", "commit.order-entry.after", "commit.claim.after",
        "commit.outcome.after", "send.acked.after", "send.order.after", "send.finish.after")


@unittest.skipIf(SANITIZED, WHY_NOT)
class PowerCut(unittest.TestCase):
    def test_under_flow(self):
        chance = dice("power cuts")
        seed = chance.randrange(1 << 20)
        chosen = [(point, passing, unsynced) for point in CUTS for unsynced in ("drop", "tear")
                  for passing in ((1, 2, 3, 20, 40) if NIGHTLY else (chance.choice((1, 2, 3)),))]
        if not NIGHTLY:
            chosen = chance.sample(chosen, len(CUTS))
        jobs = [lambda one=one: drill([f"{one[0]}:{one[1]}"], unsynced=one[2], seed=seed)
                for one in chosen]
        died = 0
        for one, done in zip(chosen, side_by_side(jobs)):
            with self.subTest(one=one):
                self.assertEqual([], done.wrong, done.command)
                died += len(done.crashes)
        self.assertGreater(died, len(chosen) * 2 // 3)


# How the disk is, and for how long, in seconds: each under the flow of a drill.
TROUBLES = [(says, lasting) for says in ("write ENOSPC", "write EIO", "sync EIO")
            for lasting in (0.05, 0.4)]


@unittest.skipIf(SANITIZED, WHY_NOT)
class Troubled(unittest.TestCase):
    def trouble(self, says, lasting, moments, seed):
        """A drill whose disk is so each time that so many batches of reports are kept."""
        pause = threading.Event()

        def act(process, directory):
            for moment in moments:
                until(lambda: process.poll() is not None or
                      passings(directory)["commit.intake.after"] >= moment, "messages are kept")
                say_to_disk(directory, says)
                pause.wait(lasting)
                say_to_disk(directory, "")

        return drill(seed=seed, act=act)

    def test_under_flow(self):
        chance = dice("a disk that fails")
        seed = chance.randrange(1 << 20)
        jobs = [lambda one=one, moments=sorted(chance.sample(range(10, 120), 3)):
                self.trouble(*one, moments, seed) for one in TROUBLES]
        for one, done in zip(TROUBLES, side_by_side(jobs)):
            with self.subTest(one=one):
                self.assertEqual([], done.wrong, done.command)
                self.assertIn(one[0].split()[1] == "ENOSPC" and "disk is full" or "I/O error",
                              done.log)


@unittest.skipIf(SANITIZED, WHY_NOT)
class Disk(OnePlan):
    """The test commands the disk."""

    def begin_with(self, unsynced="keep"):
        self.begin(lambda directory: faults.environment(directory, unsynced=unsynced))
        self.reports.lives(0, 5)
        self.feed.wait_acked()

    def disk(self, says):
        say_to_disk(self.service.directory, says)

    def publish_again(self):
        """All that was ever published, on a new connection, as an order system does."""
        self.feed.cut()
        self.feed = self.peer(OrderSystem(self.service.port, "feed", "secret-of-feed"))
        self.reports.feed = self.feed
        for topic, body in self.reports.published:
            self.feed.publish(topic.replace("asset.algo.", "stp.api."), body)
        self.feed.wait_acked()

    def kept(self):
        return self.service.sql("select count(*) from algojr_tmessage where message_id like 'p%'"
                                )[0][0]

    def assert_whole(self, site):
        """The site has every report once, in order, and all three sides have one digest."""
        last = len(self.reports.published) + 1
        site.wait_through(self.plan, last)
        self.assertEqual([], site.violations)
        self.assertEqual(site.lines[self.plan].state.digest(),
                         self.service.get(f"/api/plans/{self.plan}")["digest"])
        self.assertEqual(last - 1, self.kept())

    def fail_and_recover(self, says):
        self.begin_with()
        acked = self.feed.acked
        self.disk(says)
        self.reports.lives(5, 5)
        # What cannot be kept is not acknowledged: its connection is closed instead.
        self.feed.wait_closed()
        self.assertEqual(acked, self.feed.acked)
        self.assertIsNone(self.service.process.poll(), "the service goes on")
        self.assertEqual(200, self.service.http("GET", "/api/plans")[0])
        self.assert_not_ready()
        self.disk("")
        until(lambda: self.service.http("GET", "/readyz")[0] == 200, "it is ready again", 30)
        self.publish_again()
        self.reports.lives(10, 5)
        self.feed.wait_acked()
        site = self.site
        if site.closed:
            site = self.peer(Site(self.service.port, "B", "secret-of-b"))
            site.rebuild(self.plan)
            site.drain_cache(self.plan)
        self.assert_whole(site)
        for peer in (site, self.feed):
            peer.cut()
        self.assertEqual(0, self.service.stop())

    def assert_not_ready(self):
        """A monitor sees it, in words."""
        words = ("disk is full", "I/O error")
        body = until(lambda: (asked := self.service.http("GET", "/readyz"))[0] == 503 and asked[1],
                     "it says that it is not ready", 30)
        until(lambda: any(one in (self.service.get("/api/status")["not_ready"] or "")
                          for one in words), f"it says why: {body}", 30)
        self.assertEqual(1, self.service.cli("status", "--check").returncode)

    def test_a_full_disk(self):
        self.fail_and_recover("write ENOSPC")

    def test_writes_that_fail(self):
        self.fail_and_recover("write EIO")

    def test_an_fsync_that_fails(self):
        self.fail_and_recover("sync EIO")

    def power_cut(self):
        self.disk("write dies")
        try:
            self.reports.lives(10, 1)
        except Closed:
            pass
        until(lambda: self.service.process.poll() is not None, "the service has ended")
        self.disk("")
        self.service.start()

    def test_what_was_acknowledged_outlives_a_power_cut(self):
        self.begin_with(unsynced="drop")
        before = self.kept()
        self.power_cut()
        self.assertEqual(before, self.kept())
        self.publish_again()
        site = self.peer(Site(self.service.port, "B", "secret-of-b"))
        site.rebuild(self.plan)
        site.drain_cache(self.plan)
        self.assert_whole(site)

    def test_a_disk_that_lies_is_found_out(self):
        """The instrument: where fsync does nothing, a power cut takes what was acknowledged."""
        self.begin_with(unsynced="drop")
        kept = self.kept()
        self.disk("sync lies")
        self.reports.lives(5, 5)
        self.feed.wait_acked()
        self.assertGreater(self.kept(), kept)
        self.power_cut()
        self.assertEqual(kept, self.kept())


if __name__ == "__main__":
    unittest.main()
