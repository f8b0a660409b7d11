"""Every documented refusal, and that nobody else notices (check 5, R6)."""

import json
import unittest

from bystander import BystanderTest
from peer import Peer, Refused, Site
from websocket import Closed

ORDER = {"market_no": 1, "stock_code": "600570", "entrust_direction": 1, "entrust_price": "48.00",
         "entrust_amount": 100}


class Errors(BystanderTest):
    def frame_error(self, peer, count=1):
        """The nth error that answers no request."""
        errors = [one for one in peer.frames if "error" in one]
        return errors[count - 1] if len(errors) >= count else None

    def test_login(self):
        wrong = self.peer(Peer(self.port))
        first = self.refused("LOGIN_REFUSED", lambda: wrong.login("site", "A", "guessed"))
        wrong.wait_closed()
        unknown = self.peer(Peer(self.port))
        second = self.refused("LOGIN_REFUSED", lambda: unknown.login("site", "Nobody", "guessed"))
        unknown.wait_closed()
        self.assertEqual(first["message"].replace("A", "Nobody"),
                         second["message"].replace("A", "Nobody"))
        role = self.peer(Peer(self.port))
        self.refused("LOGIN_REFUSED", lambda: role.login("client", "A", "secret-of-a"))

        early = self.peer(Peer(self.port))
        for name in ("heartbeat", "claim", "plan_state", "subscribe"):
            self.refused("NOT_LOGGED_IN", lambda name=name: early.ask(name, {}, plan=1, epoch=1))
        with self.assertRaises((Refused, Closed)):
            early.ask("prove", {"proof": "00" * 32})
        self.assert_nobody_noticed()

    def test_a_wrong_secret_does_not_throw_the_site_of_that_name_out(self):
        wrong = self.peer(Peer(self.port))
        self.refused("LOGIN_REFUSED", lambda: wrong.login("site", "C", "guessed"))
        self.assert_nobody_noticed()

    def test_frames_that_are_no_request(self):
        site = self.peer(Site(self.port, "A", "secret-of-a"))
        for count, text in enumerate(("{\"id\":1,", "[1,2]", "7", ""), start=1):
            site.send(text)
            site.wait_for(lambda count=count: self.frame_error(site, count), f"an error: {text}")
            self.assertEqual("BAD_JSON", self.frame_error(site, count)["error"]["code"])
        for request in ({"id": 900}, {"id": 901, "name": 5}):
            site.send(request)
            self.refused("BAD_REQUEST", lambda request=request: site.answer(request["id"]))
        self.refused("UNKNOWN_FUNCTION", lambda: site.ask("clam", {}, plan=1, epoch=1))
        self.refused("FUNCTION_MISMATCH", lambda: site.ask("heartbeat", fn=5180246))
        self.assertIn("time", site.ask("heartbeat", fn=5180214))
        self.assert_nobody_noticed()

    def test_a_frame_over_the_bound_closes_its_connection_only(self):
        site = self.peer(Site(self.port, "A", "secret-of-a"))
        filler = "x" * (2 << 20)
        try:
            site.send(json.dumps({"id": 1, "name": "heartbeat", "body": {"filler": filler}}))
        except Closed:
            pass                       # refused before all of it was sent
        self.assertEqual(1009, site.wait_closed())
        self.assert_nobody_noticed()

    def test_members_that_are_missing_or_wrong(self):
        site = self.bystander
        epoch = site.lines[self.plan].epoch
        about = {"plan": self.plan, "epoch": epoch}
        self.refused("BAD_REQUEST", lambda: site.ask("plan_done", {"request": "begin"}, **about))
        self.refused("BAD_REQUEST", lambda: site.ask("claim", {"snapshot": "one"}, **about))
        self.refused("BAD_REQUEST", lambda: site.ask("plan_state", epoch=epoch))
        self.refused("BAD_REQUEST", lambda: site.ask("plan_state", plan=self.plan))
        for member, value in (("entrust_price", "48.123456789"), ("entrust_price", "cheap"),
                              ("entrust_price", "0"), ("entrust_price", "-48"),
                              ("entrust_price", "10000000001"), ("entrust_amount", 10 ** 15 + 1),
                              ("entrust_amount", 0), ("entrust_amount", -1),
                              ("entrust_amount", "many"),
                              ("entrust_direction", 3), ("stock_code", None),
                              ("algo_ordid", f"{epoch}-" + "x" * 80)):
            order = {"algo_ordid": f"{epoch}-1", **ORDER, member: value}
            error = self.refused("BAD_REQUEST", lambda order=order: site.ask("place", order,
                                                                             **about))
            self.assertIn(member, error["message"])
        self.refused("NO_SUCH_PLAN", lambda: site.ask("plan_state", plan=99, epoch=1))
        self.refused("NO_SUCH_ORDER", lambda: site.ask("cancel", {"algo_ordid": "1-9"}, **about))
        self.assertEqual([], self.feed.orders_out)
        self.assert_nobody_noticed()

    def test_orders_stay_within_the_plan(self):
        site = self.bystander
        plan = self.service.create_plan(quantity=1000)
        site.wait_through(plan, 1)
        about = {"plan": plan, "epoch": site.lines[plan].epoch}
        order = {"algo_ordid": f"{site.lines[plan].epoch}-1", **ORDER}
        for member, value in (("stock_code", "600519"), ("entrust_direction", 2), ("market_no", 2)):
            other = {**order, member: value}
            self.refused("NOT_OF_PLAN", lambda other=other: site.ask("place", other, **about))
        error = self.refused("PLAN_EXCEEDED", lambda: site.ask(
            "place", {**order, "entrust_amount": 1001}, **about))
        self.assertIn("1000 may be placed", error["message"])
        site.ask("place", {**order, "entrust_amount": 1000}, **about)
        self.assert_nobody_noticed()

    def test_an_order_is_placed_once_under_one_number(self):
        site = self.bystander
        epoch = site.lines[self.plan].epoch
        order = {"algo_ordid": f"{epoch}-7", **ORDER}
        for _ in range(3):
            answer = site.ask("place", order, plan=self.plan, epoch=epoch)
            self.assertEqual({"algo_ordid": f"{epoch}-7"}, answer)
        self.refused("DUPLICATE_ORDER", lambda: site.ask(
            "place", {**order, "entrust_amount": 200}, plan=self.plan, epoch=epoch))
        self.feed.wait_for(lambda: self.feed.orders_out, "the order goes out")
        site.ask("cancel", {"algo_ordid": f"{epoch}-7"}, plan=self.plan, epoch=epoch)
        self.feed.wait_for(lambda: len(self.feed.orders_out) >= 2, "the cancel goes out")
        self.assertEqual(["stp.order.place", "stp.order.cancel"],
                         [one["topic"] for one in self.feed.orders_out])
        self.assertEqual(f"{epoch}-7", self.feed.orders_out[0]["body"]["algo_ordid"])

    def test_roles(self):
        for name in ("plan_state", "place", "cancel", "claim", "cached", "finish", "open_orders"):
            self.refused("WRONG_ROLE", lambda name=name: self.feed.ask(
                name, {}, plan=self.plan, epoch=1))
        desk = self.peer(Peer(self.port))
        desk.login("client", "desk", "secret-of-desk")
        self.refused("WRONG_ROLE", lambda: desk.ask("claim", {"snapshot": 1}, plan=self.plan,
                                                    epoch=1))
        site = self.peer(Site(self.port, "A", "secret-of-a"))
        self.refused("WRONG_ROLE", lambda: site.ask("subscribe",
                                                    {"topics": ["asset.algo.realdeal"]}))
        site.send({"pub": 1, "topic": "stp.api.realdeal", "body": {"function_no": 402206}})
        site.wait_for(lambda: self.frame_error(site), "a site that publishes is refused")
        self.assertEqual("WRONG_ROLE", self.frame_error(site)["error"]["code"])
        self.assert_nobody_noticed()

    def test_publications(self):
        number = self.feed.publish("stp.api.realdeal", {})
        self.feed.wait_acked(number)
        error = self.frame_error(self.feed)
        self.assertEqual((number, "EMPTY_BODY", -1001),
                         (error["pub"], error["error"]["code"], error["error"]["number"]))
        self.feed.publish("stp.api.realdeal", {"function_no": 1})
        self.feed.publish("stp.api.realdeal", {"function_no": 402206, "market_no": "x"})
        self.feed.wait_acked()
        self.assertEqual(2, len(self.service.get("/api/quarantine")))
        self.assert_nobody_noticed()

    def test_a_subscriber_hears_each_event(self):
        desk = self.peer(Peer(self.port))
        desk.login("client", "desk", "secret-of-desk")
        desk.ask("subscribe", {"topics": ["asset.algo.real*"]})
        self.reports.placed("900")
        self.reports.filled("900", "d900", 10)
        self.feed.wait_acked()
        number = len(self.reports.published) + 1
        desk.wait_for(lambda: any(one.get("line") == number for one in desk.frames), "the fill")
        topics = {one["topic"] for one in desk.frames}
        self.assertEqual({"asset.algo.realdeal"}, topics)
        push = next(one for one in desk.frames if one["line"] == number)
        self.assertEqual((self.plan, self.reports.published[-1][1]), (push["plan"], push["body"]))
        self.assert_nobody_noticed()

    def test_a_stale_epoch_changes_nothing(self):
        old = self.peer(Site(self.port, "A", "secret-of-a", strategies=["lonely"]))
        plan = self.service.create_plan(strategy="lonely")   # which the bystander does not run
        old.wait_through(plan, 1)
        epoch = old.lines[plan].epoch
        old.cut()
        taker = self.peer(Site(self.port, "B", "secret-of-b", strategies=["lonely"]))
        taker.rebuild(plan)
        taker.drain_cache(plan)
        before = self.service.get(f"/api/plans/{plan}")
        back = self.peer(Site(self.port, "A", "secret-of-a"))
        for name, body in (("plan_done", {"request": "start"}), ("plan_failed", {"reason": "none"}),
                           ("place", {"algo_ordid": f"{epoch}-1", **ORDER}),
                           ("cancel", {"algo_ordid": f"{epoch}-1"}), ("plan_state", None),
                           ("open_orders", {"after": 0, "limit": 10}), ("cached", {"limit": 10}),
                           ("claim", {"snapshot": 1}), ("finish", {"through": 1}),
                           ("recover_failed", {"reason": "none"})):
            with self.subTest(name):
                self.refused("STALE_EPOCH", lambda name=name, body=body: back.ask(
                    name, body, plan=plan, epoch=epoch))
        back.send({"ack": {"plan": plan, "epoch": epoch, "through": 1}})
        back.wait_for(lambda: self.frame_error(back), "the stale acknowledgement is answered")
        error = self.frame_error(back)["error"]
        self.assertEqual(("STALE_EPOCH", plan, epoch),
                         (error["code"], error["plan"], error["epoch"]))
        self.assertEqual(before, self.service.get(f"/api/plans/{plan}"))
        self.assertEqual([], self.feed.orders_out)


if __name__ == "__main__":
    unittest.main()
