"""The service ends at what drills do not come by (a cancel, a release, a refusal, a publication to
subscribers); everybody comes back to the next process, and the story ends as it should."""

import unittest
from concurrent.futures import ThreadPoolExecutor

import faults
from faults import SANITIZED, WHY_NOT
from harness import PATIENCE, Service, SystemTest, config_text, until
from peer import OrderSystem, Peer, Refused, Site
from reports import Reports
from websocket import Closed

# With the passing to end at: the first `{}` is the subscriber's.
KINDS = {"send.order-cancel": 1, "send.release": 1, "send.publication": 1, "send.done": 2,
         "send.error": 1}
ORDER = {"algo_ordid": "1-1", "market_no": 1, "stock_code": "600570", "entrust_direction": 1,
         "entrust_price": "48.00", "entrust_amount": 100}


class Scene:
    """Sites A, B and C, an order system, a subscriber, and one plan."""

    def __init__(self, test, service):
        self.test = test
        self.service = service
        self.plan = None
        self.reports = None
        self.peers = []
        self.feeds = []
        self.placed = False

    def peer(self, made):
        self.peers.append(self.test.peer(made))
        return made

    def leave(self):
        for peer in self.peers:
            peer.cut()

    def feed(self):
        self.feeds.append(self.peer(OrderSystem(self.service.port, "feed", "secret-of-feed")))
        return self.feeds[-1]

    def subscriber(self):
        desk = self.peer(Peer(self.service.port))
        desk.login("client", "desk", "secret-of-desk")
        desk.ask("subscribe", {"topics": ["asset.algo.*"]})
        return desk

    def site(self, name):
        return self.peer(Site(self.service.port, name, f"secret-of-{name.lower()}"))

    def act(self):
        """Until the service ends: an order and its cancel, reports, and a takeover that two sites
        are asked for and one wins."""
        feed, first = self.feed(), self.site("A")
        self.plan = self.service.create_plan(quantity=10_000_000)
        first.wait_through(self.plan, 1)
        until(lambda: self.service.plan_row(self.plan)["status"] == "2", "the plan runs")
        self.subscriber()
        date = self.service.get("/api/status")["business_date"]
        self.reports = Reports(feed, self.plan, date)
        self.reports.lives(0, 5)
        feed.wait_acked()
        first.ask("place", ORDER, plan=self.plan, epoch=1)
        self.placed = True
        first.ask("cancel", {"algo_ordid": "1-1"}, plan=self.plan, epoch=1)
        second, third = self.site("B"), self.site("C")
        first.cut()
        third.wait_for(lambda: self.plan in third.offers, "C is asked as well")
        second.rebuild(self.plan)
        with self.test.assertRaises(Refused):
            third.ask("claim", {"snapshot": 0}, plan=self.plan,
                      epoch=third.offers[self.plan]["epoch"])
        second.drain_cache(self.plan)

    def end(self):
        """The order system says again what it said, and a site that has forgotten all of it
        takes the plan over."""
        feed, desk = self.feed(), self.subscriber()
        self.reports.feed = feed
        said = len(self.reports.published)
        for topic, body in self.reports.published:
            feed.publish(topic.replace("asset.algo.", "stp.api."), body)
        feed.wait_acked()
        site = self.site("A")
        site.rebuild(self.plan)
        site.drain_cache(self.plan)
        self.reports.lives(said * 10, 5)
        feed.wait_acked()
        last = len(self.reports.published) + 1
        site.wait_through(self.plan, last)
        self.test.assertEqual([], site.violations)
        self.test.assertEqual(site.lines[self.plan].state.digest(),
                              self.service.get(f"/api/plans/{self.plan}")["digest"])
        lines = [one["line"] for one in desk.frames if "line" in one]
        self.test.assertEqual(sorted(set(lines)), lines, "each once, and in order")
        until(lambda: self.service.sql("select count(*) from algojr_toutbox") == [(0,)],
              "the order system has all orders")
        self.assert_orders()

    def assert_orders(self):
        """What was accepted has left, and it is one order and one cancel, however often sent."""
        out = [one for feed in self.feeds for one in feed.orders_out]
        places = {one["body"]["algo_ordid"] for one in out if one["topic"] == "stp.order.place"}
        cancels = {one["body"]["cancel_no"] for one in out if one["topic"] == "stp.order.cancel"}
        self.test.assertLessEqual(len(cancels), 1)
        self.test.assertLessEqual(places, {"1-1"})
        if self.placed:
            self.test.assertEqual({"1-1"}, places)
        self.test.assertEqual(
            [(len(places),)], self.service.sql(
                "select count(*) from algojr_tentrust where algo_ordid = '1-1'"))


@unittest.skipIf(SANITIZED, WHY_NOT)
class Scenes(SystemTest):
    def end_at(self, point, passing):
        service = Service(config=config_text(extra=PATIENCE + "  offer: 3\n"))
        self.addCleanup(service.__exit__)
        service.environment.update(faults.environment(service.directory, [f"{point}:{passing}"]))
        service.start()
        scene = Scene(self, service)
        try:
            scene.act()
        except (Closed, Refused, TimeoutError, AssertionError, OSError) as ended:
            # What it is that fails first depends on the point; that the service ended does not.
            if service.process.poll() is None and not faults.crashes(service.directory):
                raise AssertionError(f"{point} is not passed") from ended
        until(lambda: service.process.poll() is not None, "the service has ended")
        self.assertEqual([f"{point}:{passing}"], faults.crashes(service.directory))
        service.start()
        scene.end()
        scene.leave()
        self.assertEqual(0, service.stop())

    def test_each_ends_well(self):
        points = {f"{kind}.{moment}": passing for kind, passing in KINDS.items()
                  for moment in ("before", "after")}
        with ThreadPoolExecutor(faults.AT_ONCE) as pool:
            ends = {point: pool.submit(self.end_at, *point) for point in points.items()}
        for point, end in ends.items():
            with self.subTest(point=point):
                end.result()


if __name__ == "__main__":
    unittest.main()
