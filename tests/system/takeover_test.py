"""A site dies while its messages keep coming; another takes the plan over (check 5, R1 to R8)."""

import unittest

from fold import Fold
from harness import SystemTest, config_text, until
from peer import OrderSystem, Refused, Site
from reports import Reports

SITES = {"A": "secret-of-a", "B": "secret-of-b", "C": "secret-of-c"}


class Takeover(SystemTest):
    def begin(self, **settings):
        service = self.serve(**settings)
        feed = self.peer(OrderSystem(service.port, "feed", "secret-of-feed"))
        first = self.site(service, "A")
        plan = service.create_plan(quantity=10_000_000)
        first.wait_through(plan, 1)
        until(lambda: service.plan_row(plan)["status"] == "2", "the plan runs")
        reports = Reports(feed, plan, service.get("/api/status")["business_date"])
        return service, feed, first, plan, reports

    def site(self, service, name, **details):
        return self.peer(Site(service.port, name, SITES[name], **details))

    def cached_at_least(self, service, plan, count):
        until(lambda: service.get(f"/api/plans/{plan}")["cached"] >= count,
              f"{count} messages of plan {plan} are cached")

    def assert_each_number_once(self, reports, sites, plan):
        """Numbers 2.. are the reports in the order published. None came twice or out of order;
        what came to no site was in the snapshot of a claim, which the digest proves."""
        self.assertEqual([], [one for site in sites for one in site.violations])
        seen = [event for site in sites for event in site.lines[plan].events]
        numbers = [number for number, _, _ in seen]
        self.assertEqual(sorted(set(numbers)), numbers)
        for number, topic, body in seen:
            if number > 1:
                self.assertEqual(reports.published[number - 2], (topic, body))
        self.assertEqual(len(reports.published) + 1, numbers[-1])

    def assert_digest(self, service, reports, site, plan, parameters=None):
        """The platform, the site, and a fold of all that was published say the same."""
        shown = service.get(f"/api/plans/{plan}")
        whole = Fold({**shown, "status": "2", "parameters": parameters or {}, "details": [
            {**one, "ordered": 0, "filled": 0, "amount": "0"} for one in shown["details"]]})
        for topic, body in reports.published:
            whole.apply(topic, body)
        self.assertEqual(whole.text(), site.lines[plan].state.text())
        self.assertEqual(whole.digest(), shown["digest"])
        line = site.lines[plan]
        self.assertEqual(whole.digest(),
                         site.ask("plan_state", plan=plan, epoch=line.epoch)["digest"])

    def test_another_site_gets_the_cached_messages_in_order(self):
        service, feed, first, plan, reports = self.begin()
        reports.lives(0, 20)
        feed.wait_acked()
        first.wait_through(plan, len(reports.published) + 1)
        first.cut()
        reports.lives(20, 20)          # the platform may not have noticed yet
        until(lambda: service.plan_row(plan)["status"] == "h", "A is lost")
        before = len(reports.published)
        reports.lives(40, 40)
        feed.wait_acked()
        self.cached_at_least(service, plan, len(reports.published) - before)

        second = self.site(service, "B")
        second.rebuild(plan)
        reports.lives(80, 10)          # between claim and replay: behind the cached ones
        done = second.drain_cache(plan, limit=7)
        self.assertEqual("2", done["status"])
        reports.lives(90, 10)
        feed.wait_acked()
        second.wait_through(plan, len(reports.published) + 1)

        self.assert_each_number_once(reports, [first, second], plan)
        self.assert_digest(service, reports, second, plan)
        shown = service.get(f"/api/plans/{plan}")
        self.assertEqual(("B", 0, "2"), (shown["site"], shown["cached"], shown["status"]))
        recovery = service.get("/api/recoveries")
        self.assertEqual(1, len(recovery), recovery)
        self.assert_an_operator_sees_it(service, plan, recovery[0])

    def assert_an_operator_sees_it(self, service, plan, recovery):
        self.assertEqual(("recovered", 0), (recovery["phase"],
                                            len(service.get("/api/recoveries?open=true"))))
        self.assertEqual(recovery["all_us"], sum(recovery[f"{phase}_us"] for phase in (
            "notice", "choose", "rebuild", "claim", "replay", "finish")))
        times = service.get("/api/recoveries/times")
        self.assertEqual((1, 0, 0), (times["recovered"], times["failed"], times["open"]))
        life = [(one["what"], one["site"]) for one in service.get(f"/api/plans/{plan}/trail")]
        self.assertEqual([("plan create", ""), ("plan start", "A"), ("site lost", "A"),
                          ("offered", "B"), ("claimed", "B"), ("recovered", "B"),
                          ("running", "B")], life)
        shown = service.cli("plans", "--trail", plan)
        self.assertEqual(0, shown.returncode, shown.stderr)
        self.assertIn("site lost", shown.stdout)
        watched = service.cli("recoveries", "--watch", "--looks", 2, "--every", 0.05)
        self.assertEqual(0, watched.returncode, watched.stderr)
        self.assertEqual(2, watched.stdout.count(": 0 under way"))
        self.assertIn("1 recovered, 0 attempts failed", watched.stdout)

    def test_the_first_claim_wins_and_may_be_repeated(self):
        service, feed, first, plan, reports = self.begin()
        reports.lives(0, 10)
        feed.wait_acked()
        first.wait_through(plan, len(reports.published) + 1)
        first.cut()
        second = self.site(service, "B")
        second.wait_for(lambda: plan in second.offers, "B is asked")
        offer = second.offers[plan]
        epoch = second.rebuild(plan)
        again = second.ask("claim", {"snapshot": offer["body"]["snapshot"]}, plan=plan,
                           epoch=offer["epoch"])
        self.assertEqual(epoch, again["epoch"])

        third = self.site(service, "C")
        with self.assertRaises(Refused) as refused:
            third.ask("claim", {"snapshot": offer["body"]["snapshot"]}, plan=plan,
                      epoch=offer["epoch"])
        self.assertEqual("CLAIMED", refused.exception.code)
        self.assertEqual("B", refused.exception.error["site"])
        with self.assertRaises(Refused) as early:
            second.ask("place", {"algo_ordid": f"{epoch}-1", "market_no": 1, "stock_code": "600570",
                                 "entrust_direction": 1, "entrust_price": "48.00",
                                 "entrust_amount": 100}, plan=plan, epoch=epoch)
        self.assertEqual("RECOVERING", early.exception.code)
        second.drain_cache(plan)
        self.assert_digest(service, reports, second, plan)

    def test_a_site_that_dies_during_replay_leaves_the_rest_to_the_next(self):
        service, feed, first, plan, reports = self.begin()
        first.cut()
        until(lambda: service.plan_row(plan)["status"] == "h", "A is lost")
        reports.lives(0, 40)
        feed.wait_acked()
        second = self.site(service, "B")
        epoch = second.rebuild(plan)
        part = second.ask("cached", {"limit": 25}, plan=plan, epoch=epoch)
        self.assertGreater(part["remaining"], 0)
        second.wait_through(plan, part["through"])
        second.cut()
        reports.lives(40, 10)
        third = self.site(service, "C")
        third.rebuild(plan)
        third.drain_cache(plan)
        feed.wait_acked()
        third.wait_through(plan, len(reports.published) + 1)
        self.assert_each_number_once(reports, [first, second, third], plan)
        self.assert_digest(service, reports, third, plan)

    def test_a_clients_change_and_a_repeated_fill_take_their_numbers_in_the_cache(self):
        service, feed, first, plan, reports = self.begin()
        reports.placed("1")
        reports.confirmed("1")
        reports.filled("1", "d1", 40)
        feed.wait_acked()
        first.wait_through(plan, 4)
        first.cut()
        until(lambda: service.plan_row(plan)["status"] == "h", "A is lost")
        status, answer, _ = service.http("POST", f"/api/plans/{plan}/modify",
                                         {"parameters": {"limit": "49.5"}})
        self.assertEqual(202, status, answer)
        reports.filled("1", "d1", 40)      # resent under another message_id: no second fill
        reports.published.pop()
        reports.filled("1", "d2", 10)
        feed.wait_acked()
        second = self.site(service, "B")
        second.rebuild(plan)
        second.drain_cache(plan)
        topics = [topic.rpartition(".")[2] for _, topic, _ in second.lines[plan].events]
        self.assertEqual("scheme_modify", topics[0])
        self.assertEqual("realdeal", topics[-1])
        self.assertLessEqual(set(topics[1:-1]), {"skip"})
        self.assert_digest(service, reports, second, plan, {"limit": "49.5"})

    def test_a_site_that_comes_back_in_time_resumes_where_it_was(self):
        service, feed, first, plan, reports = self.begin(
            config=config_text(extra="  site_grace: 5s\n  site_timeout: 8s\n"))
        reports.lives(0, 5)
        feed.wait_acked()
        first.wait_through(plan, len(reports.published) + 1)
        first.cut()
        reports.lives(5, 20)
        feed.wait_acked()
        line = first.lines[plan]
        held = {"session": first.welcome["session"],
                "plans": [{"plan": plan, "epoch": line.epoch, "through": line.through}]}
        back = Site(service.port, "A", SITES["A"], resume=held, lines={plan: line})
        self.peer(back)
        self.assertTrue(back.welcome["resumed"])
        self.assertEqual([(plan, line.epoch)],
                         [(one["plan"], one["epoch"]) for one in back.welcome["plans"]])
        back.wait_through(plan, len(reports.published) + 1)
        self.assert_each_number_once(reports, [back], plan)
        self.assert_digest(service, reports, back, plan)
        self.assertEqual([], service.get("/api/recoveries"))

    def test_a_site_that_lost_its_memory_takes_its_own_plans_back(self):
        service, feed, first, plan, reports = self.begin()
        reports.lives(0, 10)
        feed.wait_acked()
        again = self.site(service, "A")
        self.assertEqual(1000, first.wait_closed())
        self.assertFalse(again.welcome["resumed"])
        again.rebuild(plan)
        again.drain_cache(plan)
        reports.lives(10, 10)
        feed.wait_acked()
        again.wait_through(plan, len(reports.published) + 1)
        self.assert_digest(service, reports, again, plan)

    def test_a_site_that_says_nothing_is_lost_too(self):
        service, feed, first, plan, reports = self.begin(
            config=config_text(extra="  site_timeout: 1s\n"))
        first.fall_silent()
        until(lambda: service.plan_row(plan)["status"] == "h", "A is lost", 8)
        reports.lives(0, 10)
        feed.wait_acked()
        second = self.site(service, "B")
        second.rebuild(plan)
        second.drain_cache(plan)
        self.assert_each_number_once(reports, [second], plan)
        self.assert_digest(service, reports, second, plan)


if __name__ == "__main__":
    unittest.main()
