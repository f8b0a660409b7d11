"""A chain whose first step fails, and what an operator does: why, skip, rerun, backfill --wait."""

import json
import signal
import unittest
from datetime import datetime, timedelta, timezone
from pathlib import Path

from harness import TASKS, SystemTest, config_text, until

REASON = ("--reason", "ticket 7")
# Fails until there is a file.
FIRST = "run: {exec: [/bin/sh, -c, 'test -e mended || { echo no disk; exit 3; }']}"


class Steps(SystemTest):
    def begin(self, extra=""):
        return self.serve(config=config_text(tasks=TASKS + f"""
  - {{id: 1, name: first, group: day, priority: 2, {FIRST}}}
  - {{id: 2, name: second, group: day, priority: 2, after: [first], run: {{exec: [/bin/true]}}}}
  - {{id: 3, name: daily, priority: 2, at: "00:00", run: {{exec: [/bin/sh, -c,
      'test $SYSTASK_BUSINESS_DATE -ge "$(cat bad 2>/dev/null || echo 0)"']}}}}
""" + extra))

    def runs(self, service, name):
        return service.get(f"/api/runs?task={name}&limit=10")["runs"]

    def mend(self, service):
        (Path(service.directory) / "mended").touch()

    def test_the_failed_step_is_named_and_made_once_more(self):
        service = self.begin()
        self.assertEqual(1, service.cli("run", "first").returncode)
        shown = service.cli("groups").stdout
        self.assertIn("waits for 'first', which failed", shown)
        self.assertIn("systask group continue day", shown)
        why = service.cli("why", "second").stdout
        self.assertIn("no disk", why)
        self.assertIn("systask group continue day", why)
        failed = self.runs(service, "first")[0]
        self.assertEqual(1, service.cli("rerun", failed["run"]).returncode)
        self.mend(service)
        again = service.cli("rerun", failed["run"], *REASON)
        self.assertEqual(0, again.returncode, again.stderr + again.stdout)
        until(lambda: [one["outcome"] for one in self.runs(service, "second")] == ["succeeded"],
              "what comes after it ran")
        row = self.runs(service, "first")[0]
        self.assertEqual(("rerun", failed["nominal"], failed["business_date"]),
                         (row["trigger"], row["nominal"], row["business_date"]))
        audited = service.get(f"/api/audit?object=run%20{failed['run']}")
        self.assertEqual(["run rerun", "run rerun"], [one["action"] for one in audited])
        self.assertEqual("ticket 7", audited[0]["reason"])

    def test_a_skipped_step_does_not_run_over_a_restart(self):
        soon = datetime.now(timezone.utc) + timedelta(seconds=6)
        service = self.begin(f"""
  - {{id: 4, name: soon, priority: 2, at: "{soon:%H:%M:%S}", run: {{exec: [/bin/true]}}}}
""")
        today = f"{soon:%Y%m%d}"
        answer = service.cli("task", "skip", "soon", "--business-date", today, *REASON)
        self.assertIn("does not run for it", answer.stdout, answer.stderr)
        service.stop(signal.SIGKILL)
        service.start()
        row = until(lambda: [one for one in self.runs(service, "soon")
                             if one["trigger"] == "schedule"], "its time has come")[0]
        self.assertEqual("skipped_step", row["outcome"])
        self.assertIn("ticket 7", row["detail"])

    def test_a_paused_task_says_so(self):
        service = self.begin()
        self.assertEqual(0, service.cli("task", "pause", "daily", *REASON).returncode)
        self.assertIn("The task is paused by", service.cli("why", "daily").stdout)
        ahead = service.cli("next", "daily", "--config", service.config)
        self.assertIn("does not run: paused by", ahead.stdout, ahead.stderr)
        service.stop()
        alone = service.cli("why", "daily", "--standalone", "--config", service.config)
        self.assertIn("The task is paused by", alone.stdout, alone.stderr)

    def test_a_backfill_is_waited_for_and_stays_listed(self):
        service = self.begin()
        today = datetime.now(timezone.utc).date()
        day = lambda back: f"{today - timedelta(days=back):%Y%m%d}"
        (Path(service.directory) / "bad").write_text(day(2))
        failed = service.cli("task", "backfill", "daily", "--from", day(3), "--to", day(1), "--wait",
                             *REASON)
        self.assertEqual(1, failed.returncode, failed.stderr)
        self.assertIn("2 of 3 runs succeeded", failed.stdout)
        good = service.cli("task", "backfill", "daily", "--from", day(1), "--wait", *REASON)
        self.assertEqual(0, good.returncode, good.stderr)
        ahead = service.cli("task", "backfill", "daily", "--from", day(1), "--to", day(-1), *REASON)
        self.assertEqual(1, ahead.returncode)
        self.assertIn("is not run for", ahead.stderr)
        log = service.log.read_text()
        self.assertIn("a backfill begins", log)
        self.assertIn("a backfill ended", log)
        service.stop(signal.SIGKILL)
        service.start()
        rows = json.loads(service.cli("backfills", "--json").stdout)
        self.assertEqual([(2, "succeeded"), (1, "failed")],
                         [(one["backfill"], one["state"]) for one in rows])
        dates = json.loads(service.cli("backfills", "1", "--json").stdout)["outcomes"]
        self.assertEqual([(int(day(3)), "failed"), (int(day(2)), "succeeded"),
                          (int(day(1)), "succeeded")],
                         [(one["business_date"], one["outcome"]) for one in dates])


if __name__ == "__main__":
    unittest.main()
