"""A service, a site, an order system and one plan whose reports a test publishes."""

import faults  # noqa: F401  (finds the harness)
from harness import Service, SystemTest
from peer import OrderSystem, Site
from reports import Reports


class OnePlan(SystemTest):
    def begin(self, environment=lambda directory: {}):
        """`environment` is given the service's directory. The plan runs, and has no report yet."""
        self.service = Service()
        self.addCleanup(self.service.__exit__)
        self.service.environment.update(environment(self.service.directory))
        self.service.start()
        self.site = self.peer(Site(self.service.port, "A", "secret-of-a"))
        self.feed = self.peer(OrderSystem(self.service.port, "feed", "secret-of-feed"))
        self.plan = self.service.create_plan(quantity=10_000_000)
        self.site.wait_through(self.plan, 1)
        self.reports = Reports(self.feed, self.plan,
                               self.service.get("/api/status")["business_date"])
