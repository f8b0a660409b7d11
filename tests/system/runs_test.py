"""What failed, and what did it print: `systask runs` and `systask run`, as an operator uses them."""

import json
import signal
import unittest

from harness import SystemTest, TASKS, config_text, until

RUNS_TASKS = TASKS + """  - {id: 91001, name: report, priority: 2, at: "03:00", retry: {times: 1, backoff: 1s},
     parameters: {depth: 5}, run: {exec: [/bin/sh, -c, "echo begun; echo 'no disk' >&2; exit 3"]}}
  - {id: 91002, name: copy, priority: 2, at: "03:00", run: {exec: [/bin/echo, copied]}}
"""


class Runs(SystemTest):
    def setUp(self):
        self.service = self.serve(config=config_text(tasks=RUNS_TASKS))

    def cli(self, *words, status=0):
        answer = self.service.cli(*words)
        self.assertEqual(status, answer.returncode, (words, answer.stdout, answer.stderr))
        return answer

    def listed(self, *words):
        return json.loads(self.cli("runs", "--json", *words).stdout)

    def test_a_failed_run_is_found_with_what_it_printed_also_after_a_crash(self):
        told = self.cli("run", "report", "--parameter", "depth=7", "--reason", "ticket 9", status=1)
        self.assertIn("it printed:\n  begun\n  no disk\n", told.stderr)
        self.service.stop(signal.SIGKILL)
        self.service.start()
        failed = self.listed("--outcome", "failed", "--since", "today")["runs"]
        self.assertEqual(["report"], [one["task"] for one in failed])
        self.assertGreaterEqual(failed[0]["waited_ms"], 1000, "its second attempt began then")
        run = self.service.get(f"/api/runs/{failed[0]['run']}")
        self.assertEqual(("ticket 9", {"depth": "7"}), (run["reason"], run["parameters"]))
        self.assertEqual([1], [one["attempt"] for one in run["attempts"]])
        self.assertEqual([(1, 14, 0, "begun\nno disk\n"), (2, 14, 0, "begun\nno disk\n")],
                         [tuple(one.values()) for one in run["output"]])
        shown = self.cli("runs", run["run"]).stdout
        self.assertIn("attempt 2 printed 14 bytes:\nbegun\nno disk\n", shown)

    def test_frequent_successes_do_not_bury_the_rest(self):
        self.cli("run", "copy")
        until(lambda: self.listed("--task", "expire-sites")["runs"][1:], "it has run twice")
        page = self.listed()
        self.assertEqual(["copy"], [one["task"] for one in page["runs"]
                                    if one["outcome"] == "succeeded" and one["took_ms"] < 60_000])
        self.assertIn("expire-sites", [one["task"] for one in page["folded"]])
        self.assertIn("expire-sites", [one["task"] for one in self.listed("--all")["runs"]])

    def test_a_run_behind_a_paused_lane_says_so_and_goes_on(self):
        self.cli("lane", "pause", "2", "--reason", "disk is slow")
        waits = self.cli("run", "copy", "--timeout", "0.5", status=3).stderr
        self.assertIn("waits for lane 2, which is paused by", waits)
        self.assertIn("(disk is slow). It goes on", waits)
        # Runs of every second may wait for a moment, too.
        waiting = [one for one in self.listed("--outcome", "waits")["runs"]
                   if one["task"] == "copy"]
        self.assertEqual(1, len(waiting))
        run = waiting[0]
        self.assertIn("paused by", run["detail"])
        self.cli("lane", "resume", "2", "--reason", "done")
        until(lambda: self.service.get(f"/api/runs/{run['run']}")["outcome"] == "succeeded",
              "it ran in the end")
        self.cli("lane", "pause", "2", "--reason", "disk is slow")
        again = self.cli("rerun", run["run"], "--timeout", "0.5", status=3).stderr
        self.assertIn("of copy has not ended after 0.5 s: it waits for lane 2, which is", again)
        self.cli("lane", "resume", "2", "--reason", "done")
        until(lambda: self.service.get("/api/runs?task=copy&trigger=rerun")["runs"][0]["outcome"] ==
              "succeeded", "it was made once more in the end")
        asked = self.cli("rerun", run["run"], "--no-wait").stdout
        self.assertIn("shows what becomes of it", asked)

    def test_a_task_that_left_keeps_its_runs_its_name_and_what_it_ran_with(self):
        self.cli("run", "report", status=1)
        self.service.stop()
        self.service.config.write_text(config_text(tasks=TASKS))
        self.service.start()
        for task in ("report", "91001", "rep*"):
            with self.subTest(task=task):
                runs = self.listed("--task", task)["runs"]
                self.assertEqual([("report", 91001, True)],
                                 [(one["task"], one["task_id"], one["gone"]) for one in runs])
        self.assertEqual("gone", self.service.get("/api/tasks/report")["state"])
        run = self.service.get(f"/api/runs/{runs[0]['run']}")
        self.assertEqual({"depth": "5"}, run["parameters"])


if __name__ == "__main__":
    unittest.main()
