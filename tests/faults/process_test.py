"""The service's process under faults from outside: kill -9 at moments nobody chose, no descriptors
left, and a wall clock that jumps under flow."""

import os
import resource
import signal
import threading
import time
import unittest
from pathlib import Path

from faults import NIGHTLY, SANITIZED, WHY_NOT, dice, drill, passings, service_of, side_by_side
from harness import until
from one_plan import OnePlan
from peer import Peer
from websocket import Closed

CLOCK = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)
DRILLS = 50 if NIGHTLY else 4
KILLS = 3
# How far the service's clock is ahead, in seconds: at noon no jump meets midnight.
NOON = 43200 - int(time.time()) % 86400


@unittest.skipIf(SANITIZED, WHY_NOT)
class Killed(unittest.TestCase):
    def killed(self, moments, seed):
        """A drill whose service is killed when it has passed so many commits of reports, and some
        microseconds more: the kernel's choice of the moment."""
        def act(process, directory):
            for moment in moments:
                until(lambda: process.poll() is not None or
                      passings(directory)["commit.intake.before"] >= moment, "messages come")
                service = process.poll() is None and service_of(process)
                if service:
                    os.kill(service, signal.SIGKILL)

        return drill(seed=seed, act=act)

    def test_at_random_under_flow(self):
        chance = dice("kill -9")
        jobs = [lambda moments=sorted(chance.sample(range(1, 130), KILLS)),
                seed=chance.randrange(1 << 20): self.killed(moments, seed) for _ in range(DRILLS)]
        kills = 0
        for done in side_by_side(jobs):
            with self.subTest(command=done.command):
                self.assertEqual([], done.wrong, done.command)
                kills += sum(one["target"] == "service" for one in done.verdict["kills"])
        self.assertGreater(kills, DRILLS, "most kills came under the flow")


class Flow(OnePlan):
    """Reports come whenever the test says so."""

    lives = 0

    def go_on(self, count=20):
        self.reports.lives(self.lives, count)
        self.lives += count
        self.feed.wait_acked()
        self.site.wait_through(self.plan, len(self.reports.published) + 1)
        self.assertEqual([], self.site.violations)

    def assert_undisturbed(self):
        """The first process of everybody has all of it, and nothing was taken over."""
        self.assertEqual(1, self.site.lines[self.plan].epoch)
        self.assertEqual([], self.service.get("/api/recoveries"))
        self.assertEqual(self.site.lines[self.plan].state.digest(),
                         self.service.get(f"/api/plans/{self.plan}")["digest"])


class Descriptors(Flow):
    def test_when_they_run_out_only_newcomers_wait(self):
        self.begin()
        self.go_on()
        pid = self.service.process.pid
        used = len(os.listdir(f"/proc/{pid}/fd"))
        limits = resource.prlimit(pid, resource.RLIMIT_NOFILE)
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (used + 4, limits[1]))
        crowd = []
        try:
            for _ in range(4):
                crowd.append(Peer(self.service.port))
            self.assertEqual(used + 4, len(os.listdir(f"/proc/{pid}/fd")))
            # The kernel takes this one; the service cannot, and says so.
            served = threading.Event()
            late = threading.Thread(target=self.come_late, args=(served,))
            late.start()
            until(lambda: "accepting a connection failed" in self.service.log.read_text(),
                  "the service says that it cannot accept")
            self.go_on()
            self.assertFalse(served.is_set())
            self.assert_ledger_goes_on()
            self.go_on()
            crowd.pop().cut()
            late.join(15)
            self.assertTrue(served.is_set(), "who waited is served when there is room")
        finally:
            for one in crowd:
                one.cut()
        resource.prlimit(pid, resource.RLIMIT_NOFILE, limits)
        self.go_on()
        self.assert_undisturbed()

    def come_late(self, served):
        try:
            with Peer(self.service.port) as peer:
                peer.login("client", "desk", "secret-of-desk")
                served.set()
        except (Closed, OSError, TimeoutError):
            pass                   # never served: the test says so

    def assert_ledger_goes_on(self):
        """Tasks run while nobody else comes in."""
        def succeeded():
            return self.service.sql("select count(*) from tstp_systemtask_run "
                                    "where run_state = 'succeeded'")[0][0]

        before = succeeded()
        until(lambda: succeeded() >= before + 3, "tasks go on")


@unittest.skipIf(CLOCK is None, "libfaketime is not installed: ./dev setup test")
@unittest.skipIf(SANITIZED, WHY_NOT)
class ClockJumps(Flow):
    def test_nothing_is_taken_over_and_nothing_lost(self):
        """Leases and silences are of monotonic time: an hour more or less on the wall is no
        reason to give a plan away."""
        self.begin(self.at_noon)
        for jump in (0, 3600, 0, -3600, 90, -90, 0):
            self.set_clock(self.service.directory, jump)
            self.go_on()
        self.assert_undisturbed()

    def at_noon(self, directory):
        self.set_clock(directory, 0)
        return {"LD_PRELOAD": str(CLOCK), "FAKETIME_TIMESTAMP_FILE": str(directory / "clock"),
                "FAKETIME_NO_CACHE": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}

    def set_clock(self, directory, ahead):
        new = directory / "clock.new"
        new.write_text(f"{NOON + ahead:+d}\n")
        os.replace(new, directory / "clock")


if __name__ == "__main__":
    unittest.main()
