"""The wall clock is set back, forward and a day ahead while the service runs, and time itself
goes on as ever: the ledger says what each late policy promised, and nothing runs twice."""

import datetime
import os
import re
import threading
import time
import unittest
from collections import Counter
from pathlib import Path

from harness import SANITIZED, TASKS, Service, SystemTest, config_text, until
from ledger import (SECOND, assert_accounted, occurrences, open_rows, scheduled, wait_through,
                    watermarks)

LIBRARY = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)
# A Friday, and no time of day that a test steps over a midnight from without meaning to.
START = int(datetime.datetime(2026, 5, 22, 9, tzinfo=datetime.timezone.utc).timestamp())

MARK = "run: {exec: [/bin/sh, -c, 'echo \"$SYSTASK_NOMINAL\" >> \"$SYSTASK_TASK.ran\"']}"
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
        new.write_text(f"{self.offset:+d}\n")
        os.replace(new, self.service.directory / "clock")

    def now(self):
        """What the service's wall clock says, in microseconds."""
        return int((time.time() + self.offset) * SECOND)

    def marks(self, name):
        """How often each occurrence ran, by what the bodies themselves left."""
        file = self.service.directory / f"{name}.ran"
        times = file.read_text().split() if file.exists() else []
        return Counter(int(datetime.datetime.fromisoformat(at).timestamp() * SECOND)
                       for at in times)

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

    def ticks(self):
        metrics = self.service.http("GET", "/metrics")[1]
        return int(re.search(r"tick_lateness_seconds_count (\d+)", metrics)[1])

    def settle(self):
        """Waits until all that is due in the next two seconds has its outcome, and all before."""
        wait_through(self.service, POLICIES, self.now() + 2 * SECOND, 30)

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

    def test_back_ninety_seconds(self):
        hang = ("  - {id: 31, name: hang, every: 1h, timeout: 2s, timeout_grace: 1s, "
                "run: {exec: [/bin/sleep, '60']}}\n")
        service = self.serve_at_nine(EACH_SECOND + hang)
        asked = threading.Thread(target=service.http, args=("POST", "/api/tasks/hang/run", {}))
        asked.start()
        self.addCleanup(asked.join)
        self.settle()
        self.set_clock(-90)
        set_at = time.monotonic()
        # What took its time by the wall clock would now take a minute and a half more.
        until(lambda: service.sql("select 1 from tstp_systemtask_run where task_id = 31 and "
                                  "run_state = 'timed_out'"), "the run is over its timeout")
        self.assertLess(time.monotonic() - set_at, 10)
        until(lambda: open_rows(service) == 0, "what was under way has its outcome")
        before = {task: scheduled(service, task) for task in POLICIES}
        marks = watermarks(service)
        self.assertTrue(all(row.nominal > self.now() + 60 * SECOND for rows in before.values()
                            for row in rows), "the clock went back before all of them")
        # A second start finds watermarks that lie ahead of it.
        self.assertEqual(0, service.stop())
        service.start()
        until(lambda: self.ticks() > 2, "the service has ticked")
        self.assertEqual(before, {task: scheduled(service, task) for task in POLICIES})
        self.assertEqual(marks, watermarks(service))
        # Where the clock comes back to what it said, all go on.
        self.set_clock(-1)
        self.settle()
        for task in POLICIES:
            assert_accounted(self, scheduled(service, task), SECOND)
        self.assert_nothing_twice({task: policy[0] for task, policy in POLICIES.items()})


if __name__ == "__main__":
    unittest.main()
