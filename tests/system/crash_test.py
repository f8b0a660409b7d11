"""kill -9 in the middle of two hundred running tasks: after a restart each occurrence has exactly
one outcome, and what was under way has it, or is under way again, within a second of the start."""

import os
import random
import signal
import time
import unittest

from harness import SANITIZED, TASKS, SystemTest, config_text, until
from ledger import SECOND, assert_accounted, scheduled, wait_through

COUNT = 200
FIRST = 1000
LAST = FIRST + COUNT - 1
PERIOD = 4
SOON = (5 if SANITIZED else 1) * SECOND
LANES = "lanes: {1: {threads: 8}, 2: {threads: 2}, 3: {threads: 220, queue: 1000}}\n"

# The first attempt leaves its mark and takes long; one that is made again leaves its mark.
BODY = ("'echo \"$SYSTASK_NOMINAL $SYSTASK_ATTEMPT\" >> \"ran.$SYSTASK_TASK\"; "
        "test \"$SYSTASK_ATTEMPT\" -gt 1 || exec sleep 2'")


def on_lost(task):
    return "rerun" if task % 2 else "record"


def many_tasks():
    return "".join(
        f"  - {{id: {task}, name: many-{task}, priority: 3, every: {PERIOD}s, timeout: 1m, "
        f"on_lost: {on_lost(task)}, run: {{exec: [/bin/sh, -c, {BODY}]}}}}\n"
        for task in range(FIRST, LAST + 1))


class Crash(SystemTest):
    def serve_many(self):
        config = config_text(tasks=TASKS + many_tasks())
        before = next(line for line in config.splitlines(True) if line.startswith("lanes:"))
        return self.serve(config=config.replace(before, LANES))

    def marks(self, service, task):
        """(occurrence, attempt) of every body that began."""
        file = service.directory / f"ran.many-{task}"
        return [tuple(line.split()) for line in file.read_text().splitlines()] \
            if file.exists() else []

    def begun(self, service, since):
        """How many tasks have begun since they had so many marks."""
        return sum(len(self.marks(service, task)) > since[task] for task in since)

    def kill_in_the_middle(self, service, least):
        """Kills it once so many bodies of one occurrence have begun; the rows left open."""
        since = {task: len(self.marks(service, task)) for task in range(FIRST, LAST + 1)}
        until(lambda: self.begun(service, since) >= least, f"{least} tasks have begun")
        self.assertEqual(-signal.SIGKILL, service.stop(signal.SIGKILL))
        return service.sql(
            "select task_id, nominal_us from tstp_systemtask_run where run_state = 'claimed' "
            "and task_id between ? and ?", (FIRST, LAST))

    def assert_settled_soon(self, service, left):
        """What was left open, right after a start: made again, or lost, within a second."""
        started = time.time() * SECOND
        service.start()
        rows = {(task, row.nominal): row for task in {task for task, _ in left}
                for row in scheduled(service, task)}
        settled = 0
        for task, nominal in left:
            row = rows[task, nominal]
            if on_lost(task) == "record":
                self.assertEqual("lost", row.state, row)
                self.assertLess(row.finished - started, SOON, "settled within a second")
                settled += 1
            else:
                self.assertGreater(row.attempt, 1, row)
        return settled

    def assert_every_outcome(self, service):
        period = PERIOD * SECOND
        tasks = range(FIRST, LAST + 1)
        wait_through(service, tasks, int(time.time() * SECOND) + period, 30)
        self.assertEqual(0, service.stop())
        for task in tasks:
            rows = scheduled(service, task)
            assert_accounted(self, rows, period)
            marks = self.marks(service, task)
            self.assertEqual(len(set(marks)), len(marks), "no attempt begins twice")
            if on_lost(task) == "record":
                self.assertEqual({"1"}, {attempt for _, attempt in marks})
            # Cancelled: by the stop at the end.
            self.assertLessEqual({row.state for row in rows},
                                 {"succeeded", "lost", "claimed", "cancelled", "skipped_overlap",
                                  "coalesced", "skipped_late"})

    def test_killed_while_two_hundred_run(self):
        service = self.serve_many()
        left = self.kill_in_the_middle(service, COUNT)
        self.assertEqual(COUNT, len(left))
        self.assertEqual(COUNT // 2, self.assert_settled_soon(service, left))
        until(lambda: not service.sql(
            "select 1 from tstp_systemtask_run where run_state = 'claimed' and nominal_us <= ? "
            "and task_id between ? and ?", (max(nominal for _, nominal in left), FIRST, LAST)),
              "all are settled")
        states = service.sql("select task_id, run_state from tstp_systemtask_run where "
                             "nominal_us = ? and task_id between ? and ?",
                             (left[0][1], FIRST, LAST))
        self.assertEqual({(task, "succeeded" if on_lost(task) == "rerun" else "lost")
                          for task in range(FIRST, LAST + 1)}, set(states))
        self.assert_every_outcome(service)

    def test_killed_at_moments_nobody_chose(self):
        seed = int(os.environ.get("SYSTASK_SEED", random.randrange(1 << 30)))
        dice = random.Random(seed)
        print(f"SYSTASK_SEED={seed}")
        service = self.serve_many()
        for _ in range(3):
            left = self.kill_in_the_middle(service, dice.randrange(1, COUNT))
            self.assert_settled_soon(service, left)
        self.assert_every_outcome(service)


if __name__ == "__main__":
    unittest.main()
