"""What a client is told of a plan that cannot be: refused at creation, or failed at once."""

import concurrent.futures
import signal
import unittest

from harness import SystemTest, config_text, until
from peer import Refused, Site

CREATE = ("plan", "create", "--strategy", "follow", "--security", "600570", "--quantity", "100")


class Failures(SystemTest):
    def test_the_reason_is_wherever_a_client_looks(self):
        service = self.serve()
        site = self.peer(Site(service.port, "A", "secret-of-a"))
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            created = pool.submit(service.cli, *CREATE)
            site.wait_for(lambda: site.lines, "a plan")
            plan, line = next(iter(site.lines.items()))
            site.ask("plan_failed", {"reason": "parameter price: absent"}, plan=plan,
                     epoch=line.epoch)
            outcome = created.result()
        self.assertEqual(1, outcome.returncode, outcome)
        self.assertIn(f"plan {plan} was created and failed on site A: parameter price: absent",
                      outcome.stderr)
        self.assertIn("parameter price: absent", service.cli("plans", str(plan)).stdout)
        self.assertEqual("parameter price: absent", service.get(f"/api/plans/{plan}")["reason"])
        self.assertEqual("parameter price: absent", service.plan_row(plan)["reason"])
        self.assertEqual("parameter price: absent",
                         service.get(f"/api/plans/{plan}/trail")[-1]["detail"])
        self.assertIn('a plan failed: its site cannot run it', service.log.read_text())
        service.stop()
        service.start()
        self.assertEqual("parameter price: absent", service.get(f"/api/plans/{plan}")["reason"])

    def test_a_plan_that_runs_is_told_to_run(self):
        service = self.serve()
        site = self.peer(Site(service.port, "A", "secret-of-a"))
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            created = pool.submit(service.cli, *CREATE)
            site.wait_for(lambda: site.lines, "a plan")
            plan, line = next(iter(site.lines.items()))
            site.ask("plan_done", {"request": "start"}, plan=plan, epoch=line.epoch)
            outcome = created.result()
        self.assertEqual(0, outcome.returncode, outcome)
        self.assertIn(f"plan {plan} was created and runs on site A", outcome.stdout)
        self.assertIsNone(service.get(f"/api/plans/{plan}")["reason"])

    def test_a_tolerance_is_shown_and_told_to_the_site(self):
        service = self.serve()
        site = self.peer(Site(service.port, "A", "secret-of-a"))
        service.cli(*CREATE, "--tolerance-percent", "5", "--no-wait")
        site.wait_for(lambda: site.lines, "a plan")
        plan, line = next(iter(site.lines.items()))
        self.assertEqual(5, service.get(f"/api/plans/{plan}")["tolerance_percent"])
        self.assertEqual(5, service.plan_row(plan)["tolerance_percent"])
        self.assertIn("tolerance_percent", service.cli("plans", str(plan)).stdout)
        about = {"plan": plan, "epoch": line.epoch}
        self.assertEqual(5, site.ask("plan_state", **about)["plan"]["tolerance_percent"])
        site.ask("plan_done", {"request": "start"}, **about)
        order = {"market_no": 1, "stock_code": "600570", "entrust_direction": 1,
                 "entrust_price": "48"}
        site.ask("place", {**order, "algo_ordid": "1-1", "entrust_amount": 105}, **about)
        with self.assertRaises(Refused) as refused:
            site.ask("place", {**order, "algo_ordid": "1-2", "entrust_amount": 1}, **about)
        self.assertEqual("PLAN_EXCEEDED", refused.exception.code)
        beyond = service.cli(*CREATE, "--tolerance-percent", "101")
        self.assertEqual(2, beyond.returncode, beyond)


class Refusals(SystemTest):
    def test_what_can_never_run_is_refused_at_creation(self):
        service = self.serve()
        self.peer(Site(service.port, "A", "secret-of-a"))
        for more, says in ((("--last-date", "20200101"), "last_date: found 20200101, expected"),
                           (("--last-date", "20260231"), "expected a date, YYYYMMDD"),
                           (("--market", "99"), "market 99 has no trading sessions: "
                                                "algojr_texectimeinfo has those of 1, 2")):
            with self.subTest(more):
                outcome = service.cli(*CREATE, *more)
                self.assertEqual(1, outcome.returncode, outcome)
                self.assertIn(says, outcome.stderr)
        self.assertEqual([], service.get("/api/plans"))


HOLIDAY = """calendars:
  shut: {time_zone: UTC, from: 2001-01-01, to: 2099-12-31, week: {MON-FRI: open},
         holidays: [%s]}
"""


class Calendars(SystemTest):
    def test_a_market_that_is_closed_today_dates_its_plans_on_its_next_date(self):
        # Every date of these years is a holiday but the first of the last: whatever today is.
        years = ", ".join(f"{year}-01-01..{year}-12-31" for year in range(2020, 2098))
        text = config_text().replace("markets: [1, 2]", "markets: {1: shut, 2: none}")
        service = self.serve(config=text.replace("lanes:", HOLIDAY % years + "lanes:"))
        self.peer(Site(service.port, "A", "secret-of-a"))
        outcome = service.cli(*CREATE)
        self.assertEqual(1, outcome.returncode, outcome)
        self.assertIn("has no business date within 400 days", outcome.stderr)
        service.config.write_text(text.replace("lanes:", HOLIDAY % "2020-01-01" + "lanes:"))
        service.process.send_signal(signal.SIGHUP)
        until(lambda: service.cli(*CREATE, "--no-wait").returncode == 0, "the calendar counts")


if __name__ == "__main__":
    unittest.main()
