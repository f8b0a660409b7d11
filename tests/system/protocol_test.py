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


class Page(unittest.TestCase):
    def test_every_code_is_in_section_9(self):
        section = PAGE.split("## 9. Errors")[1].split("## 10.")[0]
        sources = [*(ROOT / "trading").glob("*.cc"), *(ROOT / "service" / "gateway").glob("*.cc")]
        codes = set()
        for source in sources:
            codes |= set(re.findall(r'(?:Refusal)?\{\s*"([A-Z]+(?:_[A-Z]+)*)",',
                                    source.read_text(encoding="utf-8")))
        self.assertGreater(len(codes), 20)
        missing = {code for code in codes - INTERNAL if f"`{code}`" not in section}
        self.assertEqual(set(), missing)


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

    def test_values_of_parameters_stay_in_their_lines(self):
        _, _, site, plan, reports = self.begin({"a": "1\nparameter b=2", "c": "back\\slash"})
        self.assert_agree(site, plan, reports)
        self.assertIn("parameter a=1\\nparameter b=2\n", site.lines[plan].state.text())

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
