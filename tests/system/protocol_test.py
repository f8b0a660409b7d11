"""What docs/protocol.md says is what the service does, and it names all that the service says."""

import re
import unittest
from pathlib import Path

from harness import SystemTest, until
from peer import OrderSystem, Peer, Refused, Site
from reports import Reports

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "protocol.md").read_text(encoding="utf-8")
# Codes that no peer and no client is told: they are reasons within the platform.
INTERNAL = {"AMBIGUOUS", "BAD_BODY", "CONTRADICTION", "DIFFERS", "ERR_MSG_SEND_ERROR",
            "UNKNOWN_PLAN"}
VERBS = {"GET", "POST"}


class Page(unittest.TestCase):
    def missing(self, section, folders):
        codes = set()
        for folder in folders:
            for source in (ROOT / folder).glob("*.cc"):
                codes |= set(re.findall(r'(?:\{|problem\(\d+,)\s*"([A-Z]+(?:_[A-Z]+)*)",',
                                        source.read_text(encoding="utf-8")))
        self.assertGreater(len(codes), 20)
        return {code for code in codes - INTERNAL - VERBS if f"`{code}`" not in section}

    def test_every_code_is_in_section_9(self):
        section = PAGE.split("## 9. Errors")[1].split("## 10.")[0]
        self.assertEqual(set(), self.missing(section, ["trading", "service/gateway"]))

    def test_every_code_of_http_is_in_section_9_or_10(self):
        section = PAGE.split("## 9. Errors")[1]
        self.assertEqual(set(), self.missing(section, ["service/api", "scheduler"]))


class Protocol(SystemTest):
    def begin(self, parameters=None):
        service = self.serve()
        feed = self.peer(OrderSystem(service.port, "feed", "secret-of-feed"))
        site = self.peer(Site(service.port, "A", "secret-of-a"))
        plan = service.create_plan(quantity=10_000_000, parameters=parameters)
        site.wait_through(plan, 1)
        until(lambda: service.plan_row(plan)["status"] == "2", "the plan runs")
        return service, feed, site, plan, Reports(
            feed, plan, service.get("/api/status")["business_date"])

    def assert_agree(self, site, plan, reports):
        reports.feed.wait_acked()
        site.wait_through(plan, len(reports.published) + 1)
        line = site.lines[plan]
        self.assertEqual([], site.violations)
        self.assertEqual(line.state.digest(),
                         site.ask("plan_state", plan=plan, epoch=line.epoch)["digest"],
                         line.state.text())

    def test_digests_of_combined_orders_agree_after_each_report(self):
        _, _, site, plan, reports = self.begin()
        steps = []
        for number in ("C1", "C2", "C3", "C4"):
            steps += [lambda n=number: reports.combined(n),
                      lambda n=number: reports.report(402237, n)]
        steps += [
            lambda: reports.filled("C1b", "D1", 40),
            lambda: reports.report(402234, "x1", cancel_entrust_no="C1"),
            lambda: reports.report(402235, "x1", cancel_entrust_no="C1", buy_cancel_amount=10,
                                   sell_cancel_amount=20),
            lambda: reports.report(402234, "x2", cancel_entrust_no="C1"),
            lambda: reports.report(402235, "x2", cancel_entrust_no="C1"),
            lambda: reports.report(402234, "x3", cancel_entrust_no="C2"),
            lambda: reports.report(402236, "x3", cancel_entrust_no="C2"),
            lambda: reports.report(402233, "C3", revoke_cause="no"),
            lambda: reports.filled("C4b", "D2", 100),
            lambda: reports.filled("C4s", "D3", 100, side=2)]
        for step in steps:
            step()
            self.assert_agree(site, plan, reports)
        self.assertIn("combined 1 C4 4", site.lines[plan].state.text())

    def test_a_site_rebuilds_combined_orders_from_their_pages(self):
        service, feed, site, plan, reports = self.begin()
        reports.combined("C1")
        reports.report(402237, "C1")
        reports.filled("C1b", "D1", 40)
        reports.combined("C2")
        reports.report(402234, "x2", cancel_entrust_no="C2")
        feed.wait_acked()
        site.cut()
        second = self.peer(Site(service.port, "B", "secret-of-b"))
        second.rebuild(plan)
        self.assertEqual("2", second.drain_cache(plan)["status"])
        line = second.lines[plan]
        self.assertEqual(line.state.digest(),
                         second.ask("plan_state", plan=plan, epoch=line.epoch)["digest"])

    def test_a_partial_cancel_ends_the_request(self):
        _, _, site, plan, reports = self.begin()
        reports.placed("1")
        reports.confirmed("1")
        reports.cancelling("1")
        self.assert_agree(site, plan, reports)
        self.assertIn("open 1 1 - 1 100 0 a", site.lines[plan].state.text())
        reports.cancelled("1", 30)
        self.assert_agree(site, plan, reports)
        self.assertIn("open 1 1 - 1 100 0 4", site.lines[plan].state.text())

    def test_each_request_gives_the_statuses_of_the_page_and_an_ended_plan_goes_on(self):
        service, _, site, plan, reports = self.begin()
        reports.placed("1")
        self.assert_agree(site, plan, reports)
        numbers = 2
        for verb, status in (("pause", "5"), ("resume", "2"), ("cancel", "a")):
            self.assertEqual(202, service.http("POST", f"/api/plans/{plan}/{verb}", {})[0])
            numbers += 1
            site.wait_through(plan, numbers)
            self.assertEqual(status, site.lines[plan].state.status)
            self.assertEqual(status, self.state_of(site, plan)["plan"]["status"])
        reports.filled("1", "D1", 40)
        site.wait_through(plan, numbers + 1)
        state = self.state_of(site, plan)
        self.assertEqual(40, state["plan"]["details"][0]["filled"])
        self.assertEqual(site.lines[plan].state.digest(), state["digest"])
        with self.assertRaises(Refused) as refused:
            site.ask("place", {"algo_ordid": "1-1", "market_no": 1, "stock_code": "600570",
                               "entrust_direction": 1, "entrust_price": "48",
                               "entrust_amount": 1}, plan=plan, epoch=1)
        self.assertEqual("PLAN_NOT_RUNNING", refused.exception.code)

    def state_of(self, site, plan):
        return site.ask("plan_state", plan=plan, epoch=site.lines[plan].epoch)

    def test_a_plan_of_the_order_system_is_held_to_the_same_form(self):
        service, feed, _, _, _ = self.begin()
        feed.ask("subscribe", {"topics": ["asset.algo.scheme_new_answer"]})
        detail = {"market_no": 1, "stock_code": "600570", "entrust_direction": 1, "quantity": 1}
        new = {"name": "n", "strategy": "follow", "details": [detail]}
        for number, (wrong, says) in enumerate((
                ({"message_id": "x" * 257}, "message_id: found 257 bytes"),
                ({"strategy": "t wap"}, "strategy: found 't wap'"),
                ({"environment": "-"}, "environment: found '-'"),
                ({"parameters": {"a=b": "1"}}, "a name in parameters: found 'a=b'"),
                ({"details": [{**detail, "stock_code": "6\n0"}]}, "details.stock_code: found"))):
            feed.publish("stp.api.scheme_new", {**new, **wrong})
            feed.wait_for(lambda: len(self.answers(feed)) > number, says)
            error = self.answers(feed)[-1]["error"]
            self.assertEqual("BAD_REQUEST", error["code"])
            self.assertIn(says, error["message"])
        self.assertEqual(1, len(service.get("/api/plans")))

    def answers(self, feed):
        return [one["body"] for one in feed.frames
                if one.get("topic") == "asset.algo.scheme_new_answer"]

    def test_values_of_parameters_stay_in_their_lines(self):
        _, _, site, plan, reports = self.begin({"a": "1\nparameter b=2", "c": "back\\slash"})
        self.assert_agree(site, plan, reports)
        self.assertIn("parameter a=1\\nparameter b=2\n", site.lines[plan].state.text())

    def test_digests_of_identifiers_at_the_edge_of_their_form_agree(self):
        odd = {"back\\slash": "1", "\u00e9": "\u2028", "--": "", "\U0001f600": "=",
               "z" * 128: "\r\n"}
        _, _, site, plan, reports = self.begin(odd)
        for number in ("\\n", "--", "\u6052\u751f", "#1=2", "o" * 128, "\uffff", "\U0001f600"):
            reports.placed(number)
            reports.confirmed(number)
        self.assert_agree(site, plan, reports)
        self.assertEqual(7, site.lines[plan].state.text().count("open 1 "))

    def test_identifiers_are_refused_at_the_door(self):
        service, feed, site, plan, reports = self.begin()
        reports.report(402213, "a b", scheme_id=plan)
        feed.wait_acked()
        self.assertIn("entrust_no", service.get("/api/quarantine")[0]["reason"])
        with self.assertRaises(Refused) as refused:
            site.ask("place", {"algo_ordid": "1-a b", "market_no": 1, "stock_code": "600570",
                               "entrust_direction": 1, "entrust_price": "48",
                               "entrust_amount": 1}, plan=plan, epoch=1)
        self.assertEqual("BAD_REQUEST", refused.exception.code)

    def test_an_error_says_to_what_it_is_the_answer(self):
        service, feed, site, plan, _ = self.begin()
        for members in ({"plan": "x", "epoch": 1}, {"plan": plan, "epoch": 1.5},
                        {"plan": plan, "epoch": 1, "fn": "7"}):
            with self.assertRaises(Refused):
                site.ask("plan_state", **members)
        feed.send({"pub": 9, "topic": "stp.api.realdeal", "body": {"a": 1}})
        feed.wait_for(lambda: any(one.get("pub") == 9 and "error" in one for one in feed.frames),
                      "the error of publication 9")
        stranger = self.peer(Peer(service.port))
        for name, code in (("fly", "UNKNOWN_FUNCTION"), ("claim", "NOT_LOGGED_IN")):
            with self.assertRaises(Refused) as refused:
                stranger.ask(name)
            self.assertEqual(code, refused.exception.code)

    def test_a_connection_is_closed_with_the_code_of_the_page(self):
        service = self.serve()
        for code, data, kind in ((1003, b"{}", 2), (1007, b"\xff\xfe", 1)):
            with self.subTest(code=code), Peer(service.port) as peer:
                peer._socket.send(data, kind=kind)
                self.assertEqual(code, peer.wait_closed())
                self.assertIn(f"{code}: ", PAGE.split("## 2.")[0])
        with Peer(service.port) as peer:
            peer._socket.send_bytes(b"\x81\x02{}")   # without a mask
            self.assertEqual(1002, peer.wait_closed())
        with Peer(service.port) as peer:
            peer.ask("login", {"role": "site", "name": "A"})
            peer.send_request("prove", {"proof": "none"})
            self.assertEqual(1000, peer.wait_closed())

    def test_two_processes_with_one_name(self):
        service, _, site, plan, _ = self.begin()
        other = self.peer(Site(service.port, "A", "secret-of-a"))
        site.wait_closed()
        told = [one["error"] for one in site.frames if "error" in one]
        self.assertEqual("REPLACED", told[-1]["code"])
        self.assertTrue(told[-1]["by"].startswith("127.0.0.1:"))
        other = self.peer(Site(service.port, "A", "secret-of-a"))
        other = self.peer(Site(service.port, "A", "secret-of-a"))
        with self.assertRaises(Refused) as refused:
            self.peer(Site(service.port, "A", "secret-of-a"))
        self.assertEqual("NAME_IN_USE", refused.exception.code)
        self.assertEqual("A", service.get("/api/status")["disputed_sites"][0]["site"])
        self.assertIsNone(other.closed)

    def test_an_order_system_acknowledges_what_it_was_sent(self):
        service, feed, site, plan, _ = self.begin()
        site.ask("place", {"algo_ordid": "1-1", "market_no": 1, "stock_code": "600570",
                           "entrust_direction": 1, "entrust_price": "48", "entrust_amount": 1},
                 plan=plan, epoch=1)
        feed.wait_for(lambda: feed.orders_out, "the order")
        feed.send({"ack": {"out": feed.orders_out[-1]["out"] + 1}})
        feed.wait_for(lambda: any("error" in one for one in feed.frames), "the refusal")
        self.assertEqual("BAD_REQUEST", feed.frames[-1]["error"]["code"])


if __name__ == "__main__":
    unittest.main()
