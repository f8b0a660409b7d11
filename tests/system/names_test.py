"""Two processes use the name of one site: each login throws the other out, and takes its plans."""

import os
import re
import signal
import subprocess
import threading
import unittest
from datetime import datetime

from harness import BINARY, DEADLINE, TASKS, SystemTest, config_text, until
from peer import Refused, Site
from websocket import Closed

WATCH = TASKS + ("  - {id: 90024, name: watch-sites, priority: 2, every: 1s, "
                 "alarms: {on_failure: true}}\n")
# Well is who was heard within two heartbeats: threads of Python under load must not seem silent.
CALM = "  site_timeout: 10s\n  heartbeat: 2s\n"


class Greedy:
    """Logs in again and again, whatever it is told."""

    def __init__(self, port, stop):
        self.logins, self.refused = 0, 0
        self._port, self._stop = port, stop
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self):
        while not self._stop.is_set():
            try:
                with Site(self._port, "A", "secret-of-a") as site:
                    self.logins += 1
                    while site.closed is None and not self._stop.wait(0.01):
                        pass
            except Refused as refused:
                assert refused.code == "NAME_IN_USE", refused
                self.refused += 1
            except (Closed, OSError):
                pass               # thrown out while it logged in

    def join(self):
        self._thread.join(DEADLINE)


class Names(SystemTest):
    def test_a_pair_that_fights_costs_some_takeovers_and_is_told_of(self):
        service = self.serve(config=config_text(extra=CALM, tasks=WATCH))
        stop = threading.Event()
        self.addCleanup(stop.set)
        pair = [Greedy(service.port, stop)]
        until(lambda: pair[0].logins, "A is logged in")
        plan = service.create_plan()
        pair.append(Greedy(service.port, stop))
        until(lambda: sum(one.refused for one in pair) >= 50, "50 logins are refused")
        logins = sum(one.logins for one in pair)
        self.assertLessEqual(logins, 6, "three replacements, and who was closed at its login")
        metrics = service.get("/metrics")
        self.assertIn("systask_disputed_sites 1", metrics)
        replaced = int(re.search(r"\nsystask_site_replacements_total (\d+)", metrics)[1])
        self.assertEqual(3, replaced)
        takeovers = [one for one in service.get("/api/recoveries") if one["plan"] == plan]
        self.assertLessEqual(len(takeovers), replaced)
        disputed = service.get("/api/status")["disputed_sites"]
        self.assertEqual(["A"], [one["site"] for one in disputed])
        self.assertGreaterEqual(disputed[0]["refused"], 40)
        alarm = until(lambda: service.get("/api/alarms"), "the alarm is raised")
        self.assertIn("watch-sites", str(alarm))
        trouble = until(lambda: [one for one in service.get("/api/status")["troubles"]
                                 if one["name"] == "watch-sites"], "the status tells")
        self.assertIn("two processes use one name", trouble[0]["says"])
        stop.set()
        for one in pair:
            one.join()

    def reference_site(self, service):
        process = subprocess.Popen(
            [BINARY, "site", "--name", "B", "--strategies", "follow", "--connect",
             f"127.0.0.1:{service.port}", "--secrets", "service.secrets"],
            cwd=service.directory, stderr=subprocess.PIPE, text=True)

        def end():
            process.kill()
            process.communicate()

        self.addCleanup(end)
        return process

    def test_of_two_reference_sites_the_first_stops_and_says_why(self):
        service = self.serve()
        first = self.reference_site(service)
        session = until(lambda: next((one["session"] for one in service.get("/api/sites")
                                      if one["name"] == "B" and one["live"]), None), "B is live")
        plan = service.create_plan()
        second = self.reference_site(service)
        _, log = first.communicate(timeout=DEADLINE)
        self.assertEqual(1, first.returncode, log)
        self.assertIn("replaced: this site stops", log)
        self.assertRegex(log, r"another process logged in under this name, from 127\.0\.0\.1:\d+")
        until(lambda: service.plan_row(plan)["status"] == "2", "the plan runs")
        sites = [one for one in service.get("/api/sites") if one["name"] == "B"]
        self.assertEqual([(True, session + 1)], [(one["live"], one["session"]) for one in sites])
        self.assertLessEqual(len(service.get("/api/recoveries")), 1)
        self.assertIsNone(second.poll())

    def test_a_site_whose_process_is_frozen_is_replaced_at_once(self):
        """Who is not heard is not well: its successor is neither counted nor refused."""
        service = self.serve()
        for turn in range(5):
            site = self.reference_site(service)
            until(lambda: any(one["name"] == "B" and one["session"] == turn + 1
                              for one in service.get("/api/sites")), f"login {turn + 1}")
            os.kill(site.pid, signal.SIGSTOP)
            began = self.time_of(service)
            until(lambda: (self.time_of(service) - began).total_seconds() > 1,
                  "two heartbeats of 200 ms have not come")
        self.assertEqual([], service.get("/api/status")["disputed_sites"])
        self.assertIn("systask_site_replacements_total 0", service.get("/metrics"))

    def time_of(self, service):
        return datetime.fromisoformat(service.get("/api/status")["time"])


if __name__ == "__main__":
    unittest.main()
