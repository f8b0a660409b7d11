"""Every route of the API, from the service's own list of them (GET /api): who may ask it, and, where
it changes something, that it demands the reason it should and leaves exactly one entry in the audit
log, with what was before and after. A route that has no row here fails the test."""

import re
import unittest
from datetime import datetime, timedelta, timezone

from harness import Service, SystemTest, TASKS, config_text, until
from peer import OrderSystem, Site

ROUTES_TASKS = TASKS + """  - {id: 91001, name: report, group: day, priority: 2, at: "09:00", run: {exec: [/bin/true]}}
  - {id: 91002, name: sleeper, group: night, priority: 2, at: "03:00", timeout_grace: 1s,
     overlap: queue-all, run: {exec: [/bin/sleep, "600"]}}
  - {id: 91003, name: late, group: evening, priority: 2, at: "23:59", run: {exec: [/bin/true]}}
  - {id: 91004, name: early, group: morning, priority: 2, run: {exec: [/bin/true]}}
"""
TOKENS = "viewer wall token-of-wall\noperator desk token-of-desk\n"
OPEN_TO_ALL = {"GET /healthz", "GET /readyz"}


def in_an_hour():
    return (datetime.now(timezone.utc) + timedelta(hours=1)).isoformat(timespec="seconds")


def yesterday():
    return (datetime.now(timezone.utc) - timedelta(days=1)).strftime("%Y-%m-%d")


class Routes(SystemTest):
    def setUp(self):
        self.service = Service(config=config_text(
            tasks=ROUTES_TASKS, extra="  site_timeout: 30s\n  token_file: token\n"))
        self.addCleanup(self.service.__exit__)
        token = self.service.directory / "token"
        token.write_text(TOKENS)
        token.chmod(0o600)
        self.service.token = "token-of-desk"
        self.service.start()
        self.connect()

    def connect(self):
        port = self.service.port
        self.feed = self.peer(OrderSystem(port, "feed", "secret-of-feed"))
        self.sites = {name: self.peer(Site(port, name, f"secret-of-{name.lower()}"))
                      for name in ("A", "B")}

    def post(self, path, body=None):
        """As the operator; it must be done."""
        status, answer, _ = self.service.http("POST", path, {"reason": "r", **(body or {})})
        self.assertIn(status, (200, 201, 202), (path, answer))
        return answer

    def plan(self):
        plan = self.service.create_plan()
        until(lambda: self.service.plan_row(plan)["status"] == "2", "the plan runs")
        return plan

    # What makes a change possible, and the request: the path after the route's places are filled,
    # and the body without actor and reason.

    def open_run(self):
        return self.post("/api/tasks/sleeper/run", {"wait_ms": 0})["run"]

    def cancelled(self, path):
        self.open_run()
        return path, {}

    def paused(self, path):
        self.post(f"{path}/pause")
        return f"{path}/resume", {}

    def held(self):
        return self.post("/api/tasks/report/hold", {"to": in_an_hour()})["hold"]

    def backfilled(self):
        dates = {"from": yesterday(), "to": yesterday()}
        return self.post("/api/tasks/sleeper/backfill", dates)["backfill"]

    def poisoned(self):
        """A fill of more than its order has; the number of the message."""
        plan = self.plan()
        common = {"business_date": self.service.get("/api/status")["business_date"],
                  "market_no": 1, "entrust_no": f"E{plan}", "stock_code": "600570",
                  "entrust_direction": 1, "entrust_price": "10"}
        self.feed.publish("stp.api.entrust", {**common, "function_no": 402213, "scheme_id": plan,
                                              "entrust_amount": 300, "message_id": f"o{plan}"})
        self.feed.publish("stp.api.realdeal", {**common, "function_no": 402206,
                                               "deal_no": f"D{plan}", "deal_price": "10",
                                               "deal_amount": 400, "message_id": f"d{plan}"})
        self.feed.wait_acked()
        return next(one["no"] for one in self.service.get("/api/quarantine")
                    if one["message_id"] == f"d{plan}")

    def edited(self):
        number = self.poisoned()
        body = self.service.get(f"/api/quarantine/{number}")["body"]
        return f"/api/quarantine/{number}/edit", {"body": {**body, "deal_amount": "40"}}

    def quarantined(self):
        """A plan that no message holds up; only the database can say so at will."""
        plan = self.plan()
        self.service.stop()
        self.service.sql("update algojr_tscheme set quarantine_reason = 'differs' "
                         "where scheme_id = ?", (plan,))
        self.service.start()
        self.connect()
        return plan

    def new_plan(self):
        return {"name": "one", "strategy": "follow", "environment": "prod", "parameters": {},
                "details": [{"market_no": 1, "stock_code": "600570", "entrust_direction": 1,
                             "quantity": 100}]}

    def other_site(self, plan):
        return "B" if self.service.plan_row(plan)["site"] == "A" else "A"

    def moved(self):
        plan = self.plan()
        return f"/api/plans/{plan}/move", {"to": self.other_site(plan)}

    def resumed_plan(self):
        plan = self.plan()
        self.post(f"/api/plans/{plan}/pause")
        site = self.sites[self.service.plan_row(plan)["site"]]
        site.ask("plan_done", {"request": "pause"}, plan=plan, epoch=site.lines[plan].epoch)
        return f"/api/plans/{plan}/resume", {}

    def changes(self):
        """Route: what is audited ("plan create" ...), whether it demands a reason, the request."""
        rows = {
            "POST /api/tasks/{name}/run": ("task run", False, lambda: (
                "/api/tasks/report/run", {"wait_ms": 0})),
            "POST /api/tasks/{name}/skip": ("task skip", True, lambda: (
                "/api/tasks/late/skip", {})),
            "POST /api/tasks/{name}/backfill": ("task backfill", True, lambda: (
                "/api/tasks/report/backfill", {"from": yesterday(), "to": yesterday()})),
            "POST /api/groups/{name}/backfill": ("group backfill", True, lambda: (
                "/api/groups/day/backfill", {"from": yesterday(), "to": yesterday()})),
            "POST /api/groups/{name}/run": ("group run", True, lambda: (
                "/api/groups/day/run", {})),
            "POST /api/groups/{name}/continue": ("group continue", True, lambda: (
                "/api/groups/morning/continue", {})),
            "POST /api/lanes/{name}/resize": ("lane resize", True, lambda: (
                "/api/lanes/2/resize", {"threads": 3})),
            "POST /api/holds/{id}/lift": ("hold lift", True, lambda: (
                f"/api/holds/{self.held()}/lift", {})),
            "POST /api/runs/{id}/cancel": ("run cancel", True, lambda: (
                f"/api/runs/{self.open_run()}/cancel", {})),
            "POST /api/runs/{id}/rerun": ("run rerun", False, lambda: (
                f"/api/runs/{self.post('/api/tasks/report/run')['run']}/rerun", {})),
            "POST /api/backfills/{id}/cancel": ("backfill cancel", True, lambda: (
                f"/api/backfills/{self.backfilled()}/cancel", {})),
            "POST /api/plans": ("plan create", False, lambda: ("/api/plans", self.new_plan())),
            "POST /api/plans/{id}/pause": ("plan pause", False, lambda: (
                f"/api/plans/{self.plan()}/pause", {})),
            "POST /api/plans/{id}/resume": ("plan resume", False, self.resumed_plan),
            "POST /api/plans/{id}/cancel": ("plan cancel", False, lambda: (
                f"/api/plans/{self.plan()}/cancel", {})),
            "POST /api/plans/{id}/modify": ("plan modify", False, lambda: (
                f"/api/plans/{self.plan()}/modify", {"parameters": {"slices": "6"}})),
            "POST /api/plans/{id}/move": ("plan move", False, self.moved),
            "POST /api/quarantine/{no}/apply": ("quarantine applied", True, lambda: (
                f"/api/quarantine/{self.poisoned()}/apply", {})),
            "POST /api/quarantine/{no}/skip": ("quarantine skipped", True, lambda: (
                f"/api/quarantine/{self.poisoned()}/skip", {})),
            "POST /api/quarantine/{no}/edit": ("quarantine applied", True, self.edited),
            "POST /api/sites/{name}/drain": ("site drain", False, lambda: (
                "/api/sites/B/drain", {})),
            "POST /api/plans/{id}/release": ("plan release", True, lambda: (
                f"/api/plans/{self.quarantined()}/release", {})),
        }
        for noun, name in (("task", "sleeper"), ("group", "night"), ("lane", "2")):
            path = f"/api/{noun}s/{name}"
            route = f"POST /api/{noun}s/{{name}}"
            rows[f"{route}/pause"] = (f"{noun} pause", True,
                                      lambda path=path: (f"{path}/pause", {}))
            rows[f"{route}/resume"] = (f"{noun} resume", True,
                                       lambda path=path: self.paused(path))
            rows[f"{route}/cancel"] = (f"{noun} cancel", True,
                                       lambda path=path: self.cancelled(f"{path}/cancel"))
            rows[f"{route}/hold"] = (f"{noun} hold", True, lambda path=path: (
                f"{path}/hold", {"from": "23:58", "to": "23:59"}))
        return rows

    def tidy(self):
        """Nothing is held, and nothing runs, when the next row begins."""
        for hold in self.service.get("/api/holds"):
            verb = (f"/api/{hold['on']}s/{hold['name']}/resume" if hold["kind"] == "pause"
                    else f"/api/holds/{hold['hold']}/lift")
            self.post(verb)
        if self.service.get("/api/runs?task=sleeper&outcome=runs,waits")["runs"]:
            self.service.http("POST", "/api/tasks/sleeper/cancel", {"reason": "r"})
        until(lambda: not self.service.get("/api/runs?task=sleeper&outcome=runs,waits")["runs"],
              "the sleeper has ended")

    def test_every_change_is_refused_demanded_and_audited_as_it_should_be(self):
        rows = self.changes()
        changing = {route for route in self.service.get("/api") if not route.startswith("GET ")}
        self.assertEqual(changing, set(rows), "each changing route has a row in this table")
        for route, (action, demands_reason, request) in rows.items():
            with self.subTest(route=route):
                path, body = request()
                asked = {**body, "actor": "me"}
                self.assertEqual(403, self.ask_as("token-of-wall", path, asked)[0])
                self.assertEqual(401, self.ask_as(None, path, asked)[0])
                self.assertEqual(401, self.ask_as("token-of-nobody", path, asked)[0])
                before = self.audited()
                if demands_reason:
                    status, answer = self.ask_as("token-of-desk", path, asked)
                    self.assertEqual(400, status, answer)
                    self.assertIn("reason", answer["detail"])
                self.assertEqual(before, self.audited(), "what was refused is not audited")
                status, answer = self.ask_as("token-of-desk", path, {**asked, "reason": "ticket 7"})
                self.assertIn(status, (200, 201, 202), answer)
                entries = self.audited()[:len(self.audited()) - len(before)]
                self.assertEqual([action], [one["action"] for one in entries])
                entry = entries[0]
                self.assertIn("desk", entry["actor"])
                self.assertTrue(entry["object"], entry)
                self.assertTrue(entry["before"] or route == "POST /api/plans", entry)
                self.assertTrue(entry["after"], entry)
                if demands_reason:
                    self.assertEqual("ticket 7", entry["reason"])
                self.tidy()

    def test_every_route_lets_in_whom_it_should(self):
        plan = self.plan()
        for route in self.service.get("/api"):
            method, path = route.split(" ")
            path = re.sub(r"/plans/\{id\}", f"/plans/{plan}", path)
            path = re.sub(r"\{[a-z]+\}", "1", path)
            with self.subTest(route=route):
                nobody, viewer = (self.ask_as(token, path, {}, method)[0]
                                  for token in (None, "token-of-wall"))
                self.assertEqual(nobody, viewer if route in OPEN_TO_ALL else 401)
                if method == "GET":
                    self.assertNotIn(viewer, (401, 403, 405, 500, 503))
                    operator = self.ask_as("token-of-desk", path, {}, method)[0]
                    self.assertEqual(viewer, operator)
                else:
                    self.assertEqual(403, viewer)

    def ask_as(self, token, path, body, method="POST"):
        mine, self.service.token = self.service.token, token
        try:
            status, answer, _ = self.service.http(method, path,
                                                  None if method == "GET" else body)
        finally:
            self.service.token = mine
        return status, answer

    def audited(self):
        """What people changed, newest first."""
        return [one for one in self.service.get("/api/audit?limit=10000")
                if "me" in one["actor"].split()]


if __name__ == "__main__":
    unittest.main()
