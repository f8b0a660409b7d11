"""A test in which somebody behaves badly, beside a plan that must not notice."""

from harness import SystemTest
from peer import OrderSystem, Refused, Site
from reports import Reports


class BystanderTest(SystemTest):
    def setUp(self):
        """A bystander runs a plan whose messages come before, during and after the test."""
        self.service = self.serve()
        self.port = self.service.port
        self.feed = self.peer(OrderSystem(self.port, "feed", "secret-of-feed"))
        self.bystander = self.peer(Site(self.port, "C", "secret-of-c"))
        self.plan = self.service.create_plan(quantity=10_000_000)
        self.bystander.wait_through(self.plan, 1)
        date = self.service.get("/api/status")["business_date"]
        self.reports = Reports(self.feed, self.plan, date)
        self.reports.lives(0, 5)

    def settle(self):
        """Until everything that was published is applied and has come to the bystander."""
        self.feed.wait_acked()
        self.bystander.wait_through(self.plan, len(self.reports.published) + 1)

    def assert_nobody_noticed(self):
        self.reports.lives(5, 5)
        self.settle()
        self.assertIsNone(self.bystander.closed)
        self.assertEqual([], self.bystander.violations)
        shown = self.service.get(f"/api/plans/{self.plan}")
        self.assertEqual(("C", 1), (shown["site"], shown["epoch"]))
        self.assertEqual(self.bystander.lines[self.plan].state.digest(), shown["digest"])
        self.assertEqual([], self.service.get("/api/recoveries"))

    def refused(self, code, ask):
        with self.assertRaises(Refused) as refused:
            ask()
        self.assertEqual(code, refused.exception.code, refused.exception)
        self.assertGreater(len(refused.exception.error["message"]), 10)
        return refused.exception.error
