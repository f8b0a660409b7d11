"""What operators drive: why, diff, simulate, holds, and the audit of every change."""

import json
import resource
import signal
import tempfile
import unittest
from datetime import datetime, timedelta, timezone
from pathlib import Path

from harness import SANITIZED, TASKS, SystemTest, config_text, systask, until

GROUP = TASKS + """  - {id: 90002, name: archive-day, group: day, priority: 2, at: "08:00"}
  - {id: 90013, name: watch-disk, group: day, priority: 2, every: 1h}
  - {id: 91002, name: check, group: day, priority: 2, after: [archive-day], run: {exec: [/bin/false]}}
  - {id: 91001, name: report, priority: 2, at: "09:00", run: {exec: [/bin/false]}}
"""
REASON = ("--reason", "ticket 7")


class Holds(SystemTest):
    def setUp(self):
        self.service = self.serve(config=config_text(tasks=GROUP))

    def change(self, *words):
        answer = self.service.cli(*words, *REASON)
        self.assertEqual(0, answer.returncode, answer.stderr)
        return answer.stdout

    def why(self, task, at):
        return json.loads(self.service.cli("why", task, "--at", at, "--json").stdout)

    def latest(self, task):
        return self.service.get(f"/api/runs?task={task}&limit=1")["runs"][0]

    def skipped(self, task, state):
        return until(lambda: [one for one in
                              self.service.get(f"/api/runs?task={task}&limit=20")["runs"]
                              if one["outcome"] == state], f"{task} is {state}")

    def test_a_pause_is_in_the_ledger_the_audit_log_and_why(self):
        self.change("task", "pause", "expire-sites")
        row = self.skipped("expire-sites", "skipped_paused")[0]
        answer = self.why("expire-sites", row["nominal"])
        self.assertEqual("recorded", answer["kind"])
        self.assertIn("did not run: skipped_paused", answer["answer"])
        self.assertIn("ticket 7", answer["answer"])
        self.change("task", "resume", "expire-sites")
        until(lambda: self.latest("expire-sites")["outcome"] == "succeeded", "it runs again")
        rows = self.service.get("/api/audit?object=task%20expire-sites")
        self.assertEqual(["task resume", "task pause"], [one["action"] for one in rows])
        self.assertEqual([None, "ticket 7"],
                         [(one["before"]["paused"] or {}).get("reason") for one in rows[::-1]])
        self.assertEqual(["ticket 7", "ticket 7"], [one["reason"] for one in rows])

    def test_a_window_on_a_lane_holds_its_tasks_and_ends_by_itself(self):
        end = datetime.now(timezone.utc) + timedelta(seconds=3)
        self.change("lane", "hold", "1", "--to", end.isoformat(timespec="seconds"))
        self.assertEqual("lane", self.service.get("/api/holds")[0]["on"])
        until(lambda: not self.service.get("/api/holds"), "the window is over")
        until(lambda: self.latest("recover-plans")["outcome"] == "succeeded", "they run again")

    def test_holds_survive_a_restart(self):
        self.change("group", "pause", "day")
        self.change("task", "hold", "report", "--from", "00:00", "--to", "23:59:59")
        self.service.stop(signal.SIGKILL)
        self.service.start()
        kept = {(one["on"], one["name"], one["kind"]) for one in self.service.get("/api/holds")}
        self.assertEqual({("group", "day", "pause"), ("task", "report", "window")}, kept)

    def test_verbs_on_groups_lanes_and_steps(self):
        self.assertIn("does not run for it", self.change("task", "skip", "archive-day"))
        until(lambda: [one for one in self.service.get("/api/runs?task=check&limit=5")["runs"]
                       if one["outcome"] == "failed"], "what comes after it ran")
        self.assertIn("systask group continue day", self.service.cli("groups", "day").stdout)
        self.assertIn("steps to do", self.change("group", "continue", "day"))
        self.change("group", "run", "day")
        self.assertIn("4 threads", self.change("lane", "resize", "2", "--threads", "4"))
        self.assertEqual(4, next(one["threads"] for one in self.service.get("/api/lanes")
                                 if one["lane"] == 2))
        self.service.stop(signal.SIGKILL)
        self.service.start()
        lane = next(one for one in self.service.get("/api/lanes") if one["lane"] == 2)
        self.assertEqual((4, 2), (lane["threads"], lane["configured"]), "over a restart too")
        self.assertIn("configured", self.service.cli("lanes").stdout)
        unknown = self.service.cli("group", "pause", "none", *REASON)
        self.assertEqual(1, unknown.returncode)
        self.assertIn("none", unknown.stderr)
        self.assertEqual(2, self.service.cli("lane", "pause", "2").returncode)

    def test_a_run_without_a_reason_says_who_and_where_in_the_audit_log(self):
        self.assertEqual(0, self.service.cli("run", "watch-disk").returncode)
        self.change("run", "watch-disk")
        told, default = self.service.get("/api/audit?object=task%20watch-disk")
        self.assertEqual(["task run", "ticket 7"], [told["action"], told["reason"]])
        self.assertRegex(default["reason"], r"^no reason given \(by cli.*, (not at a terminal|/.+)\)$")

    def test_why_without_a_service_and_of_times_that_are_none(self):
        row = until(lambda: self.service.get("/api/runs?task=expire-sites&outcome=succeeded"
                                             "&limit=1")["runs"], "it ran")[0]
        asked = self.why("archive-day", "2026-05-22T08:00:01Z")
        self.assertEqual("no-occurrence", asked["kind"])
        self.assertEqual(["2026-05-22T08:00:00Z", "2026-05-23T08:00:00Z"],
                         [asked["previous"], asked["next"]])
        self.assertEqual("ahead", self.why("archive-day", "tomorrow 08:00")["kind"])
        self.service.stop()
        alone = systask("why", "expire-sites", "--at", row["nominal"], "--standalone", "--config",
                        self.service.config)
        self.assertEqual(0, alone.returncode, alone.stderr)
        self.assertIn("ran and succeeded", alone.stdout)

    def test_a_reload_says_first_what_it_changes(self):
        changed = config_text(tasks=GROUP.replace('at: "08:00"', 'at: "08:30"'),
                              listen=f"127.0.0.1:{self.service.port}")
        self.service.config.write_text(changed)
        self.service.process.send_signal(signal.SIGHUP)
        log = until(lambda: (text := self.service.log.read_text()) and "tasks reloaded" in text
                    and text, "it is reloaded")
        said = log.index("~ archive-day (90002): changed")
        self.assertLess(said, log.index("tasks reloaded"))
        self.assertIn("moves", log[said:])


    def reload(self, text):
        mark = len(self.service.log.read_text())
        self.service.config.write_text(text)
        self.service.process.send_signal(signal.SIGHUP)
        return until(lambda: (log := self.service.log.read_text()[mark:])
                     and "tasks reloaded" in log and log, "it is reloaded")

    def test_a_reload_resizes_lanes_and_names_what_needs_a_restart(self):
        same = self.service.config.read_text()
        log = self.reload(same)
        self.assertIn("nothing changed in the tasks", log)
        self.assertIn("nothing changed in service and lanes", log)
        log = self.reload(same.replace("2: {threads: 2}", "2: {threads: 5}, 3: {threads: 1}")
                          .replace("markets: [1, 2]", "markets: [1]"))
        self.assertIn("lanes.2.threads: 2 -> 5", log)
        self.assertIn("a change takes effect with a restart only", log)
        self.assertIn("service.markets: 1, 2 -> 1", log)
        lanes = {one["lane"]: one["threads"] for one in self.service.get("/api/lanes")}
        self.assertEqual({1: 8, 2: 5, 3: 1}, lanes)


class Ahead(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory(prefix="systask-")
        self.addCleanup(temporary.cleanup)
        self.directory = Path(temporary.name)
        self.config = self.directory / "tasks.yaml"
        self.config.write_text(config_text(tasks=GROUP))

    def simulate(self, *options):
        answer = systask("simulate", "--config", self.config, "--from", "2026-05-22T07:00:00Z",
                         "--to", "2026-05-22T10:00:00Z", *options, directory=self.directory,
                         timeout=60)
        self.assertEqual(0, answer.returncode, answer.stderr)
        return answer.stdout

    def test_the_same_seed_gives_the_same_hours_byte_for_byte(self):
        first = self.simulate("--seed", "7", "--json")
        self.assertEqual(first, self.simulate("--seed", "7", "--json"))
        self.assertEqual(["tasks.yaml"], [one.name for one in self.directory.iterdir()])
        hours = json.loads(first)
        began = {one["task"]: one["began"] for one in hours["tasks"]}
        self.assertEqual((10800, 1, 3, 1), (began["expire-sites"], began["archive-day"],
                                            began["watch-disk"], began["report"]))
        report = next(one for one in hours["runs"] if one["task"] == "report")
        self.assertEqual(("succeeded", "2026-05-22T09:00:00Z"),
                         (report["outcome"], report["nominal"]))
        self.assertEqual({1, 2}, {one["lane"] for one in hours["lanes"]})

    def test_a_shipped_day_takes_seconds_and_says_how_far_it_is(self):
        shipped = Path(__file__).resolve().parents[2] / "tasks.yaml"
        self.config.write_text(shipped.read_text())
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        answer = systask("simulate", "--config", self.config, "--from", "2026-05-22 08:00", "--to",
                         "2026-05-23 08:00", "--json", directory=self.directory,
                         timeout=900 if SANITIZED else 150)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        self.assertEqual(0, answer.returncode, answer.stderr)
        # Of the processor, not of the clock on the wall: others use this machine too.
        used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        self.assertLess(used, 5 * (60 if SANITIZED else 1), "seconds of the processor")
        began = {one["task"]: one["began"] for one in json.loads(answer.stdout)["tasks"]}
        self.assertEqual((86400, 86400, 1), (began["recover-plans"], began["expire-sites"],
                                             began["archive-day"]))
        for line in answer.stderr.splitlines():
            self.assertRegex(line, r"^systask simulate: \d+ % done, at 2026-05-2\dT")

    def test_diff_names_what_moves_and_exits_as_diff_does(self):
        other = self.directory / "other.yaml"
        other.write_text(config_text(tasks=GROUP.replace('at: "08:00"', 'at: "08:30"')))
        day = ("--from", "2026-05-22T00:00:00Z")
        same = systask("diff", self.config, self.config, *day)
        self.assertEqual(0, same.returncode, same.stderr)
        answer = systask("diff", self.config, other, *day)
        self.assertEqual(1, answer.returncode, answer.stderr)
        self.assertIn("2026-05-22T08:00:00Z -> 2026-05-22T08:30:00Z", answer.stdout)
        changes = json.loads(systask("diff", self.config, other, "--json", *day).stdout)
        self.assertEqual((0, 0, 1, 1), tuple(changes[key] for key in
                                             ("added", "removed", "changed", "moved")))
        self.assertEqual(2, systask("diff", self.config, self.directory / "none.yaml").returncode)


if __name__ == "__main__":
    unittest.main()
