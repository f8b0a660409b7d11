"""The wall clock is set back and forward, far and a little, and is wrong for a moment, while the
service runs and over restarts, and time itself goes on as ever: rhythms go on with it, no time of
the calendar runs twice or is used up, and the ledger says what each late policy promised."""

import datetime
import os
import threading
import time
import unittest
from collections import Counter
from pathlib import Path

from harness import SANITIZED, TASKS, Service, SystemTest, config_text, systask, until
from ledger import SECOND, assert_accounted, occurrences, scheduled, wait_through

LIBRARY = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)
# A Friday, and no time of day that a test steps over a midnight from without meaning to.
START = int(datetime.datetime(2026, 5, 22, 9, tzinfo=datetime.timezone.utc).timestamp())

# Nominal time, pass, and the time since the machine began, which nobody sets.
MARK = ("run: {exec: [/bin/sh, -c, 'read up rest < /proc/uptime; echo "
        "\"$SYSTASK_NOMINAL $SYSTASK_PASS $up\" >> \"$SYSTASK_TASK.ran\"']}")
COMMON = f"priority: 1, overlap: queue-one, timeout: 1m, {MARK}"

# Task -> its name, within (seconds), otherwise, coalesce and the most that run: one occurrence
# a second each.
POLICIES = {
    1: ("skip-latest", 30, "skip", "latest", 1),
    2: ("skip-first", 30, "skip", "first", 1),
    3: ("run-latest", 30, "run", "latest", 1),
    4: ("run-all", 30, "run", "all", 20),
    5: ("run-none", 30, "run", "none", 1),
}
EACH_SECOND = "".join(
    f"  - {{id: {task}, name: {name}, every: 1s, late: {{within: {within}s, otherwise: "
    f"{otherwise}}}, coalesce: {f'{{all: {cap}}}' if coalesce == 'all' else coalesce}, {COMMON}}}\n"
    for task, (name, within, otherwise, coalesce, cap) in POLICIES.items())
# Once a day, five minutes after the start.
DAILY = "".join(
    f"  - {{id: {task}, name: {name}, at: '09:05', late: {late}, {COMMON}}}\n"
    for task, name, late in (
        (11, "soon-enough", "{within: 10m, otherwise: skip}"),
        (12, "too-late", "{within: 1m, otherwise: skip}"),
        (13, "however-late", "{within: 1m, otherwise: run}"),
        (14, "not-after", "{within: 1m, otherwise: run}, not_after: '09:07'")))
HOURLY = (f"  - {{id: 21, name: hourly, every: 1h, late: {{within: 3h, otherwise: skip}}, "
          f"coalesce: all, {COMMON}}}\n")


def promised(policy, after, now):
    """What becomes of the occurrences in (after, now] that are found together at `now`."""
    _, within, otherwise, coalesce, cap = policy
    times = range((after // SECOND + 1) * SECOND, now + 1, SECOND)
    late = [at for at in times if otherwise == "skip" and now - at > within * SECOND]
    rest = times[len(late):]
    fates = {at: "skipped_late" for at in late}
    if coalesce == "none" and len(rest) > 1:
        return fates | {at: "skipped_late" for at in rest}
    run = rest[:1] if coalesce == "first" else rest[-cap:]
    return fates | {at: "succeeded" if at in run else "coalesced" for at in rest}


@unittest.skipIf(LIBRARY is None, "libfaketime is not installed: ./dev setup test")
@unittest.skipIf(SANITIZED,
                 "a sanitizer's runtime and libfaketime both replace the clock's functions")
class Clock(SystemTest):
    def serve_at_nine(self, tasks):
        """A service whose wall clock says START, and can be set by set_clock()."""
        self.service = Service(config=config_text(tasks=TASKS + tasks))
        self.addCleanup(self.service.__exit__)
        file = self.service.directory / "clock"
        self.service.environment.update({
            "LD_PRELOAD": str(LIBRARY), "FAKETIME_TIMESTAMP_FILE": str(file),
            "FAKETIME_NO_CACHE": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1"})
        self.zero = self.offset = START - int(time.time())
        self.set_clock(0)
        return self.service.start()

    def set_clock(self, ahead):
        """So many seconds ahead of where it would be had nobody touched it."""
        self.offset = self.zero + ahead
        new = self.service.directory / "clock.new"
        new.write_text(f"{self.offset:+f}\n")
        os.replace(new, self.service.directory / "clock")

    def now(self):
        """What the service's wall clock says, in microseconds."""
        return int((time.time() + self.offset) * SECOND)

    def ran(self, name):
        """(nominal, pass, when by the monotonic clock) of each run, by what the bodies left."""
        file = self.service.directory / f"{name}.ran"
        lines = file.read_text().splitlines() if file.exists() else []
        return [(int(datetime.datetime.fromisoformat(nominal).timestamp() * SECOND), int(passed),
                 float(up)) for nominal, passed, up in map(str.split, lines)]

    def marks(self, name):
        """How often each occurrence ran."""
        return Counter(nominal for nominal, _, _ in self.ran(name))

    def assert_nothing_twice(self, tasks):
        """A body is ahead of its outcome, and behind its claim: so outcomes are read first."""
        done = {task: self.nominals(task, ("succeeded",)) for task in tasks}
        for task, name in tasks.items():
            ran = self.marks(name)
            self.assertEqual({}, {at: times for at, times in ran.items() if times > 1}, name)
            self.assertLessEqual(done[task], set(ran), name)
            begun = self.nominals(task, ("claimed", "succeeded", "cancelled"))
            self.assertLessEqual(set(ran), begun, name)

    def nominals(self, task, states):
        return {row.nominal for row in scheduled(self.service, task) if row.state in states}

    def settle(self, tasks=tuple(POLICIES)):
        """Waits until all that is due in the next two seconds has its outcome, and all before."""
        wait_through(self.service, tasks, self.now() + 2 * SECOND, 30)

    def assert_promised(self, jumped_at):
        """`jumped_at`: what the clock said at half of the jump."""
        for task, policy in POLICIES.items():
            rows = scheduled(self.service, task)
            assert_accounted(self, rows, SECOND)
            after = max(row.last for row in rows if row.claimed < jumped_at)
            now = min(row.claimed for row in rows if row.claimed >= jumped_at)
            fates = {at: row.state for at, row in occurrences(rows, SECOND) if after < at <= now}
            self.assertEqual(promised(policy, after, now), fates, policy)

    def test_forward_ten_minutes(self):
        service = self.serve_at_nine(EACH_SECOND + DAILY)
        self.settle()
        halfway = self.now() + 300 * SECOND
        self.set_clock(600)
        self.settle()
        self.assert_promised(halfway)
        self.assertIn("the wall clock jumped", service.log.read_text())
        states = {task: [row.state for row in scheduled(service, task)] for task in range(11, 15)}
        self.assertEqual({11: ["succeeded"], 12: ["skipped_late"], 13: ["succeeded"],
                          14: ["skipped_window"]}, states)
        self.assert_nothing_twice({task: policy[0] for task, policy in POLICIES.items()} |
                                  {11: "soon-enough", 13: "however-late"})

    def test_forward_a_day(self):
        service = self.serve_at_nine(EACH_SECOND + DAILY + HOURLY)
        self.settle()
        halfway = self.now() + 43200 * SECOND
        self.set_clock(86400)
        self.settle()
        self.assert_promised(halfway)
        # 09:05 of the day that was left out is nearly a day late.
        states = {task: [row.state for row in scheduled(service, task)] for task in range(11, 15)}
        self.assertEqual({11: ["skipped_late"], 12: ["skipped_late"], 13: ["succeeded"],
                          14: ["skipped_window"]}, states)
        rows = [row for row in scheduled(service, 21) if row.finished >= halfway]
        found = {(row.state, row.count) for row in rows}
        self.assertEqual({("skipped_late", 21), ("succeeded", 1)}, found)
        self.assertEqual(3, sum(row.state == "succeeded" for row in rows))
        self.assert_nothing_twice({task: policy[0] for task, policy in POLICIES.items()} |
                                  {13: "however-late", 21: "hourly"})

    def test_timeouts_do_not_wait_for_the_wall_clock(self):
        hang = ("  - {id: 31, name: hang, every: 1h, timeout: 2s, timeout_grace: 1s, "
                "run: {exec: [/bin/sleep, '60']}}\n")
        service = self.serve_at_nine(hang)
        asked = threading.Thread(target=service.http, args=("POST", "/api/tasks/hang/run", {}))
        asked.start()
        self.addCleanup(asked.join)
        self.settle({90005})
        self.set_clock(-90)
        set_at = time.monotonic()
        until(lambda: service.sql("select 1 from tstp_systemtask_run where task_id = 31 and "
                                  "run_state = 'timed_out'"), "the run is over its timeout")
        self.assertLess(time.monotonic() - set_at, 10)

    # --- set back ------------------------------------------------------------------------------

    def goes_on(self, names, times=3):
        """Waits until each of the tasks has run so often from now on; when that was, by task."""
        before = {name: len(self.ran(name)) for name in names}
        until(lambda: all(len(self.ran(name)) >= before[name] + times for name in names),
              "rhythms go on", 20)
        return {name: [up for _, _, up in self.ran(name)[max(0, before[name] - 1):]]
                for name in names}

    def assert_rhythms_go_on(self, tasks):
        for name, ups in self.goes_on(tasks).items():
            # A second, and the load of the machine.
            self.assertLess(max(b - a for a, b in zip(ups, ups[1:])), 4, name)

    def assert_no_key_twice(self, tasks):
        for name in tasks:
            keys = Counter((nominal, passed) for nominal, passed, _ in self.ran(name))
            self.assertEqual({}, {key: n for key, n in keys.items() if n > 1}, name)

    def assert_shipped_go_on(self):
        """The shipped tasks, recover-plans among them, have run lately by the wall clock."""
        for task in (5180509, 90005, 90006):
            until(lambda task=task: any(
                abs(row.started - self.now()) < 3 * SECOND
                for row in scheduled(self.service, task) if row.started), f"{task} goes on")

    RHYTHMS = ("second", "pause", "cron-second")
    TIMES = ("fixed", "once", "cron-fixed")
    STEPPED = (
        f"  - {{id: 41, name: second, every: 1s, {COMMON}}}\n"
        f"  - {{id: 42, name: pause, delay: 1s, {COMMON}}}\n"
        f"  - {{id: 43, name: cron-second, cron: '* * * * * ?', {COMMON}}}\n"
        f"  - {{id: 44, name: fixed, at: '09:00:03', {COMMON}}}\n"
        f"  - {{id: 45, name: once, once: '2026-05-22T09:00:04Z', {COMMON}}}\n"
        f"  - {{id: 46, name: cron-fixed, cron: '5 0 9 * * ?', {COMMON}}}\n"
        f"  - {{id: 47, name: noon, at: '12:00', {COMMON}}}\n"
        f"  - {{id: 48, name: once-at-noon, once: '2026-05-22T12:00:00Z', {COMMON}}}\n")

    def set_back(self, by, restart):
        service = self.serve_at_nine(self.STEPPED)
        until(lambda: all(self.ran(name) for name in self.TIMES), "the times have come")
        if restart:
            self.assertEqual(0, service.stop())
        self.set_clock(by)
        if restart:
            service.start()
        self.assert_rhythms_go_on(self.RHYTHMS)
        self.assert_shipped_go_on()
        if by <= -20:
            self.assertIn("set back", service.log.read_text())
            self.assertIn("set back", service.http("GET", "/readyz")[1]["clock"])
            self.assertIn("systask_clock_pass 1", service.http("GET", "/metrics")[1])
            alarms = service.http("GET", "/api/alarms")[1]
            self.assertEqual(["clock_set_back"], [alarm["alarm"] for alarm in alarms])
        # Beyond where it was: the times of the calendar have come a second time.
        if by > -60:
            until(lambda: self.now() > (START + 15) * SECOND, "the clock is where it was", 40)
            self.assert_rhythms_go_on(self.RHYTHMS)
        for name in self.TIMES:
            self.assertEqual(1, len(self.ran(name)), name)
        self.assert_no_key_twice(self.RHYTHMS)
        for task in (41, 43, 44, 45, 46, 5180509):
            for row in scheduled(service, task):
                if row.started:
                    self.assertGreaterEqual(row.started, row.nominal, row)

    def test_back_an_hour(self):
        self.set_back(-3600, False)

    def test_back_an_hour_over_a_restart(self):
        self.set_back(-3600, True)

    def test_back_twenty_seconds(self):
        self.set_back(-20, False)

    def test_back_twenty_seconds_over_a_restart(self):
        self.set_back(-20, True)

    def test_back_a_little(self):
        self.set_back(-0.4, False)

    def test_back_a_little_over_a_restart(self):
        self.set_back(-0.4, True)

    # --- wrong for a moment --------------------------------------------------------------------

    def glitch(self, restart):
        """Eight hours ahead for three seconds, then right again, then noon comes."""
        service = self.serve_at_nine(self.STEPPED)
        until(lambda: all(self.ran(name) for name in self.TIMES), "the times have come")
        self.set_clock(8 * 3600)
        self.goes_on(self.RHYTHMS, 2)
        until(lambda: scheduled(service, 47), "noon was found late")
        self.assertEqual([], self.ran("noon"))
        if restart:
            self.assertEqual(0, service.stop())
        self.set_clock(0)
        if restart:
            service.start()
        self.assert_rhythms_go_on(self.RHYTHMS)
        self.assert_shipped_go_on()
        noon = datetime.datetime(2026, 5, 22, 12, tzinfo=datetime.timezone.utc).timestamp()
        why = systask("why", "noon", "--at", "2026-05-22T12:00:00Z", "--connect",
                      f"127.0.0.1:{service.port}")
        self.assertIn("set back", why.stdout)
        upcoming = systask("next", "noon", "--config", service.config,
                           environment={"SYSTASK_CONNECT": f"127.0.0.1:{service.port}"})
        self.assertEqual(0, upcoming.returncode, upcoming.stderr)
        self.assertIn("set back", upcoming.stderr)
        # The time until noon is left out.
        if restart:
            self.assertEqual(0, service.stop())
        self.set_clock(noon - 3 - self.now() / SECOND)
        if restart:
            service.start()
        until(lambda: self.ran("noon") and self.ran("once-at-noon"), "noon has come")
        self.assert_rhythms_go_on(self.RHYTHMS)
        for name in ("noon", "once-at-noon", *self.TIMES):
            self.assertEqual(1, len(self.ran(name)), name)
        self.assertEqual(1, self.ran("noon")[0][1], "a later pass over that time")
        self.assert_no_key_twice(self.RHYTHMS)
        until(lambda: {row.passed: row.state for row in scheduled(service, 47)} ==
              {0: "skipped_late", 1: "succeeded"}, "noon has an outcome in each pass")

    def test_ahead_for_a_moment(self):
        self.glitch(False)

    def test_ahead_for_a_moment_over_restarts(self):
        self.glitch(True)


if __name__ == "__main__":
    unittest.main()
