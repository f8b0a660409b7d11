"""Tasks that behave badly: one that ignores being asked to stop, ones that never cease to write,
one that forks and hangs, ones that leave processes behind. Each is reported as what it did, and
their neighbours in the same lane begin in their second all the while."""

import os
import re
import signal
import threading
import unittest
from pathlib import Path

from harness import TASKS, SystemTest, config_text, systask, until
from ledger import SECOND, assert_accounted, scheduled, wait_through

# No more threads than those that misbehave and a few: who keeps one for good takes it from others.
LANES = "lanes: {1: {threads: 10}, 2: {threads: 2}}\n"
LIMITS = "every: 1h, priority: 1, timeout: 1s, timeout_grace: 2s"
# Found in the command line of what such a task starts.
LONG = 98765


def shell(task, name, script, limits=LIMITS):
    return f"  - {{id: {task}, name: {name}, {limits}, run: {{exec: [/bin/sh, -c, '{script}']}}}}\n"


BAD = (shell(1, "deaf", f"trap \"\" TERM; while :; do sleep {LONG}; done") +
       shell(2, "loud", "exec yes all work and no play") +
       shell(3, "loud-and-ends", "head -c 100000000 /dev/zero; echo; echo the end") +
       shell(4, "forks-and-hangs", f"sleep {LONG} & (sleep {LONG} & sleep {LONG}) & wait") +
       shell(5, "leaves-a-child", f"sleep {LONG} & exit 0") +
       shell(6, "deaf-children", f"for i in 1 2 3; do (trap \"\" TERM; sleep {LONG}; sleep {LONG})"
             " & done; wait"))
NEIGHBOURS = {
    # In C++, and a program: neither waits for the others.
    51: "  - {id: 51, name: near-body, body: expire-sites, priority: 1, every: 1s}\n",
    52: "  - {id: 52, name: near-program, priority: 1, every: 1s, timeout: 10s, "
        "run: {exec: [/bin/true]}}\n"}
EXPECTED = {
    "deaf": ("timed_out", "had ignored SIGTERM"),
    "loud": ("timed_out", "SIGTERM"),
    "loud-and-ends": ("succeeded", "100000009 bytes of output"),
    "forks-and-hangs": ("timed_out", "SIGTERM"),
    "leaves-a-child": ("succeeded", "left processes behind"),
    "deaf-children": ("timed_out", "SIGTERM"),
}
# Beginning later than that would be another second's run.
LATEST = SECOND


def left_running(directory):
    """Processes that were started by the service of that directory, and are still there."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            words = (process / "cmdline").read_bytes().split(b"\0")
            if b"SYSTASK_TASK=" in (process / "environ").read_bytes() and \
                    os.readlink(process / "cwd") == str(directory.resolve()):
                found.append(words)
        except OSError:
            pass    # it has gone, or is somebody else's
    return found


class Misbehaving(SystemTest):
    def serve_them(self):
        config = config_text(tasks=TASKS + BAD + "".join(NEIGHBOURS.values()))
        before = next(line for line in config.splitlines(True) if line.startswith("lanes:"))
        return self.serve(config=config.replace(before, LANES))

    def memory(self, service):
        status = Path(f"/proc/{service.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+) kB", status)[1])

    def outcome(self, service, name):
        rows = service.sql(
            "select run_state, detail from tstp_systemtask_run where run_trigger = 'manual' and "
            "finished_at_us is not null and task_id = (select task_id from tstp_systemtask where "
            "task_name = ?)", (name,))
        return rows[0] if rows else None

    def test_each_is_reported_and_none_delays_another(self):
        service = self.serve_them()
        until(lambda: len(scheduled(service, 52)) > 1, "the neighbours run")
        memory = self.memory(service)
        first = {task: scheduled(service, task)[-1].nominal for task in NEIGHBOURS}
        for name in EXPECTED:
            self.ask(service, name)
        for name, (state, why) in EXPECTED.items():
            found = until(lambda name=name: self.outcome(service, name), f"{name} has an outcome")
            self.assertEqual(state, found[0], (name, found))
            self.assertIn(why, found[1], name)
            self.assertLess(len(found[1]), 5000, "what the ledger keeps of it is bounded")
        last = max(first.values()) + 5 * SECOND
        wait_through(service, NEIGHBOURS, last)
        for task in NEIGHBOURS:
            rows = scheduled(service, task)
            assert_accounted(self, rows, SECOND)
            for row in rows:
                if not first[task] <= row.nominal <= last:
                    continue
                self.assertEqual("succeeded", row.state, row)
                self.assertLess(row.started - row.nominal, LATEST, row)
        self.assertLess(self.memory(service) - memory, 64 << 10, "output is not kept in memory")
        until(lambda: not left_running(service.directory), "nothing that they started is left")
        self.assertEqual(0, service.stop())
        self.assertLess(service.log.stat().st_size, 2 << 20, "output does not fill the log")

    def test_no_program_outlives_a_killed_service(self):
        config = config_text(tasks=TASKS + "".join(
            shell(task, f"long-{task}", script, "every: 1h, priority: 1") for task, script in (
                (1, f"exec sleep {LONG}"), (2, f"sleep {LONG} & (sleep {LONG} & wait) & wait"),
                (3, f"trap \"\" TERM HUP; while :; do sleep {LONG}; done"))))
        service = self.serve(config=config)
        for _ in range(2):    # the second service has a helper of its own
            for task in (1, 2, 3):
                self.ask_in_vain(service, f"long-{task}")
            until(lambda: len(left_running(service.directory)) >= 7, "all of them run")
            self.assertEqual(-signal.SIGKILL, service.stop(signal.SIGKILL))
            until(lambda: not left_running(service.directory), "their programs end with it")
            service.start()

    def test_alone_too_a_program_is_stopped_at_its_timeout(self):
        config = config_text(tasks=TASKS + shell(1, "hangs", f"sleep {LONG}") + shell(
            2, "again", f"sleep {LONG}",
            "every: 1h, priority: 1, timeout: 1s, retry: {times: 1, backoff: 1s}"))
        service = self.serve(config=config)
        self.assertEqual(0, service.stop())
        for task, state in (("hangs", "timed_out: stopped at its timeout of 1s"),
                            ("again", "timed_out")):
            alone = systask("run", task, "--standalone", "--config", service.config, timeout=30)
            self.assertEqual(1, alone.returncode, alone.stdout + alone.stderr)
            self.assertIn(state, alone.stdout)

    def ask_in_vain(self, service, name):
        """Runs it, and gets no answer, since the service dies."""
        def ask():
            try:
                service.http("POST", f"/api/tasks/{name}/run", {})
            except OSError:
                pass
        asked = threading.Thread(target=ask)
        asked.start()
        self.addCleanup(asked.join)

    def ask(self, service, name):
        """Runs it, and does not wait: the answer comes with the outcome."""
        asked = threading.Thread(target=service.http,
                                 args=("POST", f"/api/tasks/{name}/run", {}))
        asked.start()
        self.addCleanup(asked.join)


if __name__ == "__main__":
    unittest.main()
