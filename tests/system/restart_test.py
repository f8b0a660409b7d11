"""Whatever an operator can change is changed twice; then the service restarts, once by SIGTERM and once
by SIGKILL, and what it answers must be what it answered before. One table: a change that has no row
here is one whose loss nobody would notice."""

import json
import signal
import unittest
from datetime import datetime, timedelta, timezone

from harness import SystemTest, TASKS, config_text, until
from peer import OrderSystem, Site

RESTART_TASKS = TASKS + """  - {id: 91001, name: first, group: day, priority: 2, at: "00:00", run: {exec: [/bin/true]}}
  - {id: 91002, name: second, group: day, priority: 2, after: [first], run: {exec: [/bin/true]}}
  - {id: 91003, name: third, group: day, priority: 2, after: [second], run: {exec: [/bin/true]}}
  - {id: 91004, name: report, group: night, priority: 2, at: "09:00", run: {exec: [/bin/true]}}
  - {id: 91005, name: other, group: night, priority: 2, at: "09:00", run: {exec: [/bin/true]}}
"""


def days_ago(days):
    return (datetime.now(timezone.utc) - timedelta(days=days)).strftime("%Y-%m-%d")


def later(hours):
    return (datetime.now(timezone.utc) + timedelta(hours=hours)).isoformat(timespec="seconds")


class Restart(SystemTest):
    def setUp(self):
        self.service = self.serve(config=config_text(
            tasks=RESTART_TASKS, extra="  site_timeout: 30s\n  start_grace: 30s\n"))

    def post(self, path, body=None, reason="r"):
        status, answer, _ = self.service.http("POST", path, {"reason": reason, "actor": "bob",
                                                             **(body or {})})
        self.assertIn(status, (200, 201, 202), (path, answer))
        return answer

    def task(self, name, *members):
        row = self.service.get(f"/api/tasks/{name}")
        return {member: row[member] for member in members}

    def row(self, path, **wanted):
        return next(one for one in self.service.get(path)
                    if all(one[key] == value for key, value in wanted.items()))

    def compared(self, looks, changed):
        """`looks`: what is asked, by what it is about; after the changes, and over restarts."""
        before = {about: look() for about, look in looks.items()}
        for about, was in self.unchanged.items():
            if about in changed:
                self.assertNotEqual(json.dumps(was), json.dumps(before[about]),
                                    f"{about}: the change does not show")
        for number in (signal.SIGTERM, signal.SIGKILL):
            self.service.stop(number)
            self.service.start()
            for about, look in looks.items():
                with self.subTest(about=about, signal=number.name):
                    self.assertEqual(before[about], look())

    def test_what_an_operator_changes_twice_is_there_after_a_restart(self):
        window = {"from": later(1), "to": later(2)}
        looks = {
            "pause of a task": lambda: self.task("report", "state", "paused", "holds"),
            "task that was resumed": lambda: self.task("other", "state", "paused"),
            "pause of a group": lambda: self.row("/api/groups", group="night"),
            "pause of a lane": lambda: {key: self.row("/api/lanes", lane=1)[key]
                                        for key in ("paused", "held", "holds")},
            "holds": lambda: self.service.get("/api/holds"),
            "size of a lane": lambda: {key: self.row("/api/lanes", lane=2)[key]
                                       for key in ("threads", "configured")},
            "steps": lambda: [self.task(name, "state", "last_outcome", "last_detail")
                              for name in ("first", "second", "third")],
            "runs": lambda: [(one["run"], one["task"], one["outcome"], one["reason"])
                             for one in map(self.whole, self.service.get(
                                 "/api/runs?trigger=manual,backfill,after&order=started&limit=100")
                                 ["runs"])],
            "audit": lambda: self.service.get("/api/audit?limit=1000"),
        }
        self.unchanged = {about: look() for about, look in looks.items()}

        self.post("/api/tasks/first/skip", reason="by hand")
        until(lambda: self.task("third", "last_outcome")["last_outcome"], "what follows has run")
        self.post("/api/tasks/first/skip", {"business_date": days_ago(3)}, reason="by hand again")
        self.post("/api/groups/day/run", reason="all of it")
        until(lambda: self.ended("third", "backfill"), "the group has run")
        for reason in ("one", "two"):
            dates = {"from": days_ago(5), "to": days_ago(4)}
            self.post("/api/tasks/report/backfill", dates, reason=reason)
            until(lambda: not [one for one in self.service.get("/api/backfills")
                               if one["done"] < one["runs"]], "the dates have run")
            answer = self.post("/api/tasks/other/run", {"parameters": {}}, reason=reason)
            self.assertEqual("succeeded", answer["outcome"])
        self.post("/api/tasks/report/pause", reason="one")
        self.post("/api/tasks/report/pause", reason="two")
        self.post("/api/tasks/other/pause", reason="one")
        self.post("/api/tasks/other/resume", reason="two")
        self.post("/api/groups/night/pause", reason="one")
        self.post("/api/groups/night/pause", reason="two")
        self.post("/api/lanes/1/pause", reason="one")
        self.post("/api/lanes/1/resume", reason="two")
        lifted = self.post("/api/tasks/other/hold", window, reason="one")["hold"]
        self.post("/api/tasks/other/hold", window, reason="two")
        self.post("/api/lanes/1/hold", window, reason="two")
        self.post(f"/api/holds/{lifted}/lift", reason="three")
        self.post("/api/lanes/2/resize", {"threads": 4})
        self.post("/api/lanes/2/resize", {"threads": 5})
        changed = set(looks) - {"task that was resumed"}
        self.compared(looks, changed)
        self.assertEqual("two", self.task("report", "paused")["paused"]["reason"])
        self.assertEqual(5, self.row("/api/lanes", lane=2)["threads"])

    def poisoned(self, feed):
        """A plan with a fill of more than its order has."""
        plan = self.service.create_plan()
        until(lambda: self.service.plan_row(plan)["status"] == "2", "the plan runs")
        common = {"business_date": self.service.get("/api/status")["business_date"],
                  "market_no": 1, "entrust_no": f"E{plan}", "stock_code": "600570",
                  "entrust_direction": 1, "entrust_price": "10"}
        feed.publish("stp.api.entrust", {**common, "function_no": 402213, "scheme_id": plan,
                                         "entrust_amount": 300, "message_id": f"o{plan}"})
        feed.publish("stp.api.realdeal",
                     {**common, "function_no": 402206, "deal_no": f"D{plan}", "deal_price": "10",
                      "deal_amount": 400, "message_id": f"d{plan}"})
        feed.wait_acked()
        return plan

    def whole(self, run):
        return self.service.get(f"/api/runs/{run['run']}")

    def ended(self, task, trigger):
        return [one for one in
                self.service.get(f"/api/runs?task={task}&trigger={trigger}")["runs"]
                if one["state"] == "ended"]

    def test_what_an_operator_decides_about_plans_and_sites_is_there_after_a_restart(self):
        port = self.service.port
        feed = self.peer(OrderSystem(port, "feed", "secret-of-feed"))
        sites = [self.peer(Site(port, name, f"secret-of-{name.lower()}")) for name in "ABC"]
        plan, other = (self.poisoned(feed) for _ in range(2))
        looks = {
            "quarantine": lambda: self.service.get("/api/quarantine"),
            "plan": lambda: {key: self.service.get(f"/api/plans/{plan}")[key]
                             for key in ("last", "details", "cached")},
            "parameters of the plan": lambda: self.service.plan_row(plan)["parameters"],
            "draining": lambda: {one["name"]: one["draining"]
                                 for one in self.service.get("/api/sites")},
            "audit": lambda: [one for one in self.service.get("/api/audit?limit=1000")
                              if one["actor"] == "bob"],
        }
        self.unchanged = {about: look() for about, look in looks.items()}
        number = {one["plan"]: one["no"] for one in self.service.get("/api/quarantine")
                  if one["message_id"]}
        body = self.service.get(f"/api/quarantine/{number[plan]}")["body"]
        self.post(f"/api/quarantine/{number[plan]}/edit", {"body": {**body, "deal_amount": "40"}})
        self.post(f"/api/quarantine/{number[other]}/skip")
        for slices in ("6", "7"):
            self.post(f"/api/plans/{plan}/modify", {"parameters": {"slices": slices}})
        for name in ("A", "B"):
            self.post(f"/api/sites/{name}/drain")
        for site in sites:
            site.cut()
        until(lambda: not [one for one in self.service.get("/api/sites") if one["live"]],
              "the sites are gone")
        self.compared(looks, {"quarantine", "draining", "audit", "plan"})


if __name__ == "__main__":
    unittest.main()
