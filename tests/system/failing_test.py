"""Failure is loud: the log, status, alarms and mail say what fails, and that it works again."""

import stat
import threading
import unittest
from http.server import BaseHTTPRequestHandler, HTTPServer

from harness import TASKS, Service, SystemTest, config_text, systask, until


class Broken(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(500)
        self.end_headers()
        self.wfile.write(b"out of order\n")

    def log_message(self, *_):
        pass


FAILING = """  - {{id: 91001, name: wrong-column, priority: 2, every: 1s,
     run: {{sql: "select no_such_column from tstp_systemtask"}}}}
  - {{id: 91002, name: broken-server, priority: 2, every: 1s,
     run: {{http: {{url: "http://127.0.0.1:{port}/", timeout: 3s}}}}}}
  - {{id: 91003, name: missing-program, priority: 2, every: 1s, run: {{exec: [/nowhere/program]}}}}
  - {{id: 91004, name: says-false, priority: 2, every: 1s, timeout: 10s, run: {{exec: [/bin/false]}}}}
  - {{id: 90002, name: archive-day, priority: 2, cron: "0 0 4 ? * SUN"}}
  - {{id: 91005, name: script, priority: 2, every: 1s, timeout: 10s,
     run: {{exec: [/bin/sh, -c, "echo about to; printf '\\\\033[31mdisk is on fire\\\\n' >&2; test -e mended"]}},
     alarms: {{on_failure: true, notify: [log, metric, {{mail: {{to: ops@example.com}}}},
              {{exec: [/nowhere/pager]}}]}}}}
"""
NAMES = ("wrong-column", "broken-server", "missing-program", "says-false", "archive-day", "script")
MAILER = """#!/bin/sh
echo "$@" >> arguments
cat >> mails
echo ------ >> mails
"""


class Failing(SystemTest):
    def serve_failing(self):
        server = HTTPServer(("127.0.0.1", 0), Broken)
        self.addCleanup(server.server_close)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(server.shutdown)
        tasks = TASKS + FAILING.format(port=server.server_port)
        self.service = Service(config=config_text(
            tasks=tasks, extra="  site_timeout: 5s\n  sendmail: ./mailer\n"))
        self.addCleanup(self.service.__exit__)
        mailer = self.service.directory / "mailer"
        mailer.write_text(MAILER)
        mailer.chmod(mailer.stat().st_mode | stat.S_IXUSR)
        self.service.start()
        # Such a mistake in the file would be found at once; one of a person is found by the run.
        self.service.http("POST", "/api/tasks/archive-day/run", {"parameters": {"keep_days": "many"}})
        return self.service

    def status(self):
        return self.service.get("/api/status")

    def failing(self):
        return {one["name"]: one for one in self.status()["troubles"] if one["state"] == "failing"}

    def mails(self):
        file = self.service.directory / "mails"
        return file.read_text().split("------\n")[:-1] if file.exists() else []

    def test_each_way_to_fail_is_in_the_log_in_status_and_in_its_exit_status(self):
        service = self.serve_failing()
        found = until(lambda: (all_of := self.failing()).keys() >= set(NAMES) and all_of,
                      "all of them are known to fail")
        for name, why in (("wrong-column", "no such column: no_such_column"),
                          ("broken-server", "500"), ("missing-program", "was not started"),
                          ("says-false", "exit status 1"), ("archive-day", "keep_days"),
                          ("script", "disk is on fire")):
            self.assertIn(why, found[name]["says"], name)
            self.assertEqual(f"systask runs {found[name]['run']}", found[name]["next"])
            line = next(one for one in service.log.read_text().splitlines()
                        if f"a run failed task={name} " in one)
            self.assertIn("warn", line)
            self.assertIn(why, line)
        self.assertNotIn("\x1b", service.log.read_text())
        shown = service.cli("status")
        self.assertEqual(0, shown.returncode)
        self.assertTrue(shown.stdout.startswith("failing  task "), shown.stdout)
        checked = service.cli("status", "--check")
        self.assertEqual(1, checked.returncode)
        self.assertIn("6 failing", checked.stdout)
        unreached = systask("status", "--check", "--connect", "127.0.0.1:1")
        self.assertEqual(2, unreached.returncode)

    def test_a_flood_is_folded_and_told_once_when_it_works_again_over_a_restart_too(self):
        service = self.serve_failing()
        until(lambda: self.failing().get("says-false", {}).get("says", "").count("runs in a row")
              and int(self.failing()["says-false"]["says"].split(" runs in a row")[0].split("(")[-1])
              >= 5, "it has failed five times")
        log = service.log.read_text()
        self.assertEqual(1, log.count("task=says-false "), log)
        service.stop()
        service.start()
        self.assertIn("script", self.failing(), "before it has run again, or after")
        self.assertIn("tasks failed before this start", service.log.read_text())
        (service.directory / "mended").touch()
        until(lambda: "a task works again task=script" in service.log.read_text(), "it is told")
        self.assertNotIn("script", self.failing())
        self.assertEqual(1, service.log.read_text().count("a task works again"))

    def test_alarms_are_mailed_and_one_that_cannot_be_delivered_is_said(self):
        service = self.serve_failing()
        mail = until(self.mails, "a mail was sent")[0]
        self.assertIn("To: ops@example.com\nSubject: [systask] script on_failure: raised\n", mail)
        self.assertIn("disk is on fire", mail.replace("\n", " "))
        self.assertEqual("-i -- ops@example.com\n",
                         (service.directory / "arguments").read_text())
        self.assertEqual(["script"], [one["task"] for one in service.get("/api/alarms")])
        until(lambda: "an alarm could not be delivered" in service.log.read_text(), "it is said")
        self.assertIn("/nowhere/pager", service.log.read_text())
        metrics = service.http("GET", "/metrics")[1]
        self.assertIn('systask_alarm{alarm="on_failure",task="script"} 1', metrics)
        self.assertIn('systask_alarm_deliveries_total{by="exec",outcome="failed"}', metrics)
        self.assertIn('systask_alarm_deliveries_total{by="mail",outcome="delivered"} 1', metrics)
        (service.directory / "mended").touch()
        until(lambda: len(self.mails()) == 2, "and one that it is over")
        self.assertIn("on_failure: over", self.mails()[1])
        self.assertIn("works again", self.mails()[1])
        self.assertEqual([], service.get("/api/alarms"))


if __name__ == "__main__":
    unittest.main()
