"""A site is stopped, another takes its plan over, and the first one goes on: whatever it asks is
STALE_EPOCH, not a row changes, and no order leaves (check 3 of the recovery, R5 and R6)."""

import json
import signal
import subprocess
import sys
import unittest
from pathlib import Path

import faults  # noqa: F401  (finds the harness)
from harness import SystemTest, config_text, until
from peer import OrderSystem, Site
from reports import Reports

SITE_TIMEOUT = "  site_timeout: 1s\n"
# Every request about a plan of docs/protocol.md, sections 4 and 5, with what a site would say.
REQUESTS = [
    ("place", {"algo_ordid": "{epoch}-77", "market_no": 1, "stock_code": "600570",
               "entrust_direction": 1, "entrust_price": "48.00", "entrust_amount": 100}),
    ("cancel", {"algo_ordid": "{epoch}-1"}),
    ("plan_done", {"request": "start"}),
    ("plan_done", {"request": "cancel"}),
    ("plan_failed", {"reason": "a zombie's"}),
    ("plan_state", None),
    ("open_orders", {"after": 0, "limit": 500}),
    ("claim", {"snapshot": "{snapshot}"}),
    ("cached", {"limit": 500}),
    ("finish", {"through": "{snapshot}"}),
    ("recover_failed", {"reason": "a zombie's"}),
]


def filled_in(body, epoch, snapshot):
    """The body with the epoch and the snapshot that the zombie believes in."""
    if body is None:
        return None
    return {key: snapshot if value == "{snapshot}" else
            value.replace("{epoch}", str(epoch)) if isinstance(value, str) else value
            for key, value in body.items()}


class Zombie(SystemTest):
    def zombie(self, service):
        process = subprocess.Popen(
            [sys.executable, "-B", "zombie.py", str(service.port)], text=True,
            cwd=Path(__file__).parent, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        for pipe in (process.stdin, process.stdout):
            self.addCleanup(pipe.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def tell(self, process, **order):
        process.stdin.write(json.dumps(order) + "\n")
        process.stdin.flush()
        return self.heard(process)

    def heard(self, process):
        return json.loads(process.stdout.readline())

    def trading_rows(self, service):
        """Every row that a request could change; the ledger of tasks goes on by itself."""
        tables = [name for (name,) in service.sql(
            "select name from sqlite_master where type = 'table' and name like 'algojr_%'")]
        self.assertGreater(len(tables), 15)
        return {table: sorted(service.sql(f"select * from {table}"), key=repr)
                for table in tables}

    def assert_nothing_helps(self, process, plan, epoch, snapshot, offered):
        """`offered` is the epoch in which the plan was last offered: who claims in it is told
        that another has it, as section 5 says."""
        tries = [(name, filled_in(body, epoch, snapshot)) for name, body in REQUESTS]
        for one in tries:
            codes = self.tell(process, **{"try": [one], "plan": plan, "epoch": epoch})["codes"]
            name = one[0]
            refusal = "CLAIMED" if name == "claim" and epoch == offered else "STALE_EPOCH"
            self.assertEqual({"ack": "STALE_EPOCH", name: refusal}, codes, (epoch, one))

    def test_nothing_a_zombie_asks_is_granted(self):
        service = self.serve(config=config_text(extra=SITE_TIMEOUT))
        feed = self.peer(OrderSystem(service.port, "feed", "secret-of-feed"))
        process = self.zombie(service)
        until(lambda: any(one["name"] == "A" and one["live"] for one in service.get("/api/sites")),
              "A is live")
        plan = service.create_plan(quantity=10_000_000)
        held = self.heard(process)
        self.assertEqual(plan, held["holds"])
        until(lambda: service.plan_row(plan)["status"] == "2", "the plan runs")
        reports = Reports(feed, plan, service.get("/api/status")["business_date"])
        reports.lives(0, 5)
        feed.wait_acked()
        session = service.sql("select session_no from algojr_tstrategysite "
                              "where site_name = 'A'")[0][0]

        process.send_signal(signal.SIGSTOP)
        second = self.peer(Site(service.port, "B", "secret-of-b"))
        second.rebuild(plan)
        self.assertEqual("2", second.drain_cache(plan)["status"])
        reports.lives(5, 5)
        feed.wait_acked()
        last = len(reports.published) + 1
        second.wait_through(plan, last)
        until(lambda: service.sql("select count(*) from algojr_toutbox") == [(0,)], "all is sent")
        process.send_signal(signal.SIGCONT)

        # On its old connection it is not even heard.
        before = self.trading_rows(service)
        orders = len(feed.orders_out)
        codes = self.tell(process, **{"try": [("place", filled_in(REQUESTS[0][1], held["epoch"],
                                                                  last))],
                                      "plan": plan, "epoch": held["epoch"]})["codes"]
        self.assertEqual({"ack": "closed", "place": "closed"}, codes)
        self.assertEqual(before, self.trading_rows(service))

        # And on a new one, with what it had and with what it might guess.
        answer = self.tell(process, login={"session": session, "plans": [
            {"plan": plan, "epoch": held["epoch"], "through": 1}]})
        self.assertEqual({"resumed": False, "plans": []}, answer)
        before = self.trading_rows(service)
        now = second.lines[plan].epoch
        self.assertGreater(now, held["epoch"])
        for epoch in range(held["epoch"], now + 2):
            self.assert_nothing_helps(process, plan, epoch, last, now - 1)
        self.assertEqual(before, self.trading_rows(service))
        self.assertEqual(orders, len(feed.orders_out))

        # The plan is where it was, and goes on.
        reports.lives(10, 3)
        feed.wait_acked()
        second.wait_through(plan, len(reports.published) + 1)
        self.assertEqual([], second.violations)
        self.assertEqual(second.lines[plan].state.digest(),
                         service.get(f"/api/plans/{plan}")["digest"])


if __name__ == "__main__":
    unittest.main()
