"""The HTTP interface, from outside: probes, problem details, the token (section 10)."""

import unittest

from harness import SECRETS, Service, SystemTest, config_text, systask
from peer import OrderSystem, Site

PLAN = {"name": "a plan", "strategy": "twap", "environment": "prod", "parameters": {}, "details": [
    {"market_no": 1, "stock_code": "600570", "entrust_direction": 1, "quantity": 100}]}


class Http(SystemTest):
    def problem(self, service, status, method, path, body=None, **more):
        """The problem details of an answer of that status."""
        found, answer, headers = service.http(method, path, body, **more)
        self.assertEqual(status, found, answer)
        self.assertEqual("application/problem+json", headers["Content-Type"].split(";")[0])
        self.assertLessEqual({"type", "title", "status", "detail"}, set(answer))
        self.assertEqual(status, answer["status"])
        return answer

    def test_probes_and_metrics(self):
        service = self.serve()
        self.assertEqual(200, service.http("GET", "/healthz")[0])
        self.assertEqual(200, service.http("GET", "/readyz")[0])
        status, text, headers = service.http("GET", "/metrics")
        self.assertEqual(200, status)
        self.assertIn("text/plain", headers["Content-Type"])
        names = {line.split("{")[0].split(" ")[0] for line in text.splitlines()
                 if line and not line.startswith("#")}
        for part in ("tick_lateness", "run", "lane", "messages", "cached_messages", "outbox"):
            self.assertTrue(any(part in name for name in names), (part, sorted(names)))

    def test_problems(self):
        service = self.serve()
        self.problem(service, 404, "GET", "/api/nothing")
        self.assertEqual("NO_SUCH_PLAN", self.problem(service, 404, "GET", "/api/plans/77")["code"])
        self.problem(service, 404, "POST", "/api/plans/77/pause", {})
        self.problem(service, 404, "POST", "/api/tasks/no-such-task/run", {})
        self.problem(service, 404, "POST", "/api/sites/Nobody/drain", {})
        self.problem(service, 405, "DELETE", "/api/plans")
        for body in ("{", "[]", "7"):
            self.problem(service, 400, "POST", "/api/plans", body)
        self.assertIn("strategy", self.problem(
            service, 400, "POST", "/api/plans",
            {key: value for key, value in PLAN.items() if key != "strategy"})["detail"])
        wrong = {**PLAN, "details": [{**PLAN["details"][0], "quantity": "lots"}]}
        self.assertIn("quantity", self.problem(service, 400, "POST", "/api/plans", wrong)["detail"])
        self.problem(service, 413, "POST", "/api/plans", "x" * (2 << 20))
        self.assertEqual([], service.get("/api/plans"))

    def test_no_site_says_why_of_each(self):
        service = self.serve(secrets=SECRETS + "site D secret-of-d\nsite E secret-of-e\n")
        self.peer(Site(service.port, "A", "secret-of-a", strategies=["follow"]))
        self.peer(Site(service.port, "B", "secret-of-b", strategies=["twap"], environment="test"))
        self.peer(Site(service.port, "C", "secret-of-c", strategies=["twap"], capacity=0))
        drained = self.peer(Site(service.port, "D", "secret-of-d", strategies=["twap"]))
        drained.ask("drain")
        answer = self.problem(service, 409, "POST", "/api/plans", PLAN)
        self.assertEqual("NO_SITE", answer["code"])
        for name, word in (("A", "twap"), ("B", "test"), ("C", "full"), ("D", "drain"),
                           ("E", "never")):
            self.assertRegex(answer["detail"], rf"\b{name}\b[^;\n]*{word}")

    def test_a_plan_and_its_changes(self):
        service = self.serve()
        site = self.peer(Site(service.port, "A", "secret-of-a", strategies=["twap"]))
        status, answer, _ = service.http("POST", "/api/plans", PLAN)
        self.assertEqual((201, "A"), (status, answer["site"]))
        plan = answer["plan"]
        site.wait_through(plan, 1)
        for number, (change, body) in enumerate((("modify", {"parameters": {"slices": "4"}}),
                                                 ("pause", {})), start=2):
            status, answer, _ = service.http("POST", f"/api/plans/{plan}/{change}", body)
            self.assertEqual((202, {"plan": plan, "number": number, "seq": number}), (status, answer))
        site.wait_through(plan, 3)
        topics = [topic.rpartition(".")[2] for _, topic, _ in site.lines[plan].events]
        self.assertEqual(["scheme_start", "scheme_modify", "scheme_pause"], topics)
        epoch = site.lines[plan].epoch
        self.assertEqual({"status": "5"}, site.ask("plan_done", {"request": "pause"}, plan=plan,
                                                   epoch=epoch))
        self.problem(service, 409, "POST", f"/api/plans/{plan}/pause", {})
        self.assertTrue(any("plan" in str(one) for one in service.get("/api/audit")))

    def test_a_plan_from_the_order_system(self):
        service = self.serve()
        self.peer(Site(service.port, "A", "secret-of-a", strategies=["twap"]))
        feed = self.peer(OrderSystem(service.port, "feed", "secret-of-feed"))
        feed.ask("subscribe", {"topics": ["asset.algo.scheme_new_answer"]})
        feed.publish("stp.api.scheme_new", {**PLAN, "message_id": "new-1"})
        feed.publish("stp.api.scheme_new", {**PLAN, "message_id": "new-2", "strategy": "none"})
        feed.wait_for(lambda: sum("topic" in one for one in feed.frames) >= 2, "two answers")
        answers = {one["body"]["message_id"]: one["body"] for one in feed.frames if "topic" in one}
        self.assertIn("plan", answers["new-1"])
        self.assertEqual("NO_SITE", answers["new-2"]["error"]["code"])

    def test_the_token(self):
        service = self.serve_with_token()
        service.token = None
        for path in ("/api/status", "/api/plans"):
            self.problem(service, 401, "GET", path)
            self.problem(service, 401, "GET", path, headers={"Authorization": "Bearer guess"})
        self.problem(service, 401, "POST", "/api/plans", PLAN)
        self.assertEqual('Bearer realm="systask"',
                         service.http("GET", "/api/plans")[2]["WWW-Authenticate"])
        service.token = "a-token-of-the-test"
        self.assertEqual([], service.get("/api/plans"))
        self.assertEqual(1, service.cli("plans").returncode)
        answer = service.cli("plans", "--token-file", service.directory / "token")
        self.assertEqual(0, answer.returncode, answer.stderr)

    def test_a_viewer_may_look_and_no_more(self):
        service = self.serve_with_token("# who\nviewer wall a-viewer\noperator desk an-operator\n")
        service.token = "a-viewer"
        self.assertEqual([], service.get("/api/plans"))
        refused = self.problem(service, 403, "POST", "/api/tasks/expire-sites/pause",
                               {"reason": "no"})
        self.assertIn("wall is a viewer's token", refused["detail"])
        service.token = "an-operator"
        self.assertEqual(200, service.http("POST", "/api/tasks/expire-sites/pause",
                                           {"reason": "a test"})[0])
        entry = service.get("/api/audit")[0]
        self.assertEqual(("desk", "task expire-sites"), (entry["actor"], entry["object"]))

    def serve_with_token(self, text="a-token-of-the-test\n"):
        service = Service(config=config_text(extra="  token_file: token\n"))
        self.addCleanup(service.__exit__)
        token = service.directory / "token"
        token.write_text(text)
        token.chmod(0o600)
        service.token = text.split()[-1]
        return service.start()

    def test_it_listens_elsewhere_only_with_a_token(self):
        service = Service(config=config_text(listen="0.0.0.0:0"))
        self.addCleanup(service.__exit__)
        answer = systask("serve", service.config, directory=service.directory, timeout=15)
        self.assertNotEqual(0, answer.returncode)
        self.assertIn("token_file", answer.stderr)
        self.assertFalse(service.database.exists())


if __name__ == "__main__":
    unittest.main()
