"""Recovery with the reference sites as processes: a frozen platform, a rolling restart under flow,
and a poisoned plan that an operator sets right."""

import signal
import subprocess
import threading
import unittest

from harness import BINARY, SystemTest, config_text, until
from peer import OrderSystem, Site
from reports import Reports


class Handover(SystemTest):
    def begin(self, plans=1, sites=("A", "B"), **settings):
        service = self.serve(**settings)
        feed = self.peer(OrderSystem(service.port, "feed", "secret-of-feed"))
        processes = {name: self.site_process(service, name) for name in sites}
        numbers = [service.create_plan(name=f"plan {one}", quantity=10_000_000)
                   for one in range(plans)]
        for plan in numbers:
            until(lambda plan=plan: service.plan_row(plan)["status"] == "2", f"plan {plan} runs")
        return service, feed, processes, numbers

    def site_process(self, service, name):
        with service.log.open("ab") as log:
            process = subprocess.Popen(
                [BINARY, "site", "--name", name, "--connect", f"127.0.0.1:{service.port}",
                 "--secrets", "service.secrets"], cwd=service.directory, stdout=log, stderr=log)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        until(lambda: any(one["name"] == name and one["live"] for one in service.get("/api/sites")),
              f"site {name} is live")
        return process

    def plans_of(self, service, name):
        return sum(1 for one in service.get("/api/plans") if one["site"] == name)

    def test_a_frozen_platform_declares_nobody_dead(self):
        service, feed, _, plans = self.begin(plans=4, config=config_text(extra=""))
        before = {plan: service.get(f"/api/plans/{plan}")["epoch"] for plan in plans}
        frozen = threading.Event()
        service.process.send_signal(signal.SIGSTOP)
        frozen.wait(5)
        service.process.send_signal(signal.SIGCONT)
        frozen.wait(2)
        self.assertEqual([], service.get("/api/recoveries"))
        after = {plan: service.get(f"/api/plans/{plan}")["epoch"] for plan in plans}
        self.assertEqual(before, after)
        self.assertTrue(all(one["live"] for one in service.get("/api/sites")))

    def test_a_connection_that_closed_while_the_platform_was_frozen_has_its_grace(self):
        service = self.serve(config=config_text(extra="  site_grace: 3s\n  site_timeout: 5s\n"))
        first = self.peer(Site(service.port, "A", "secret-of-a"))
        self.peer(Site(service.port, "B", "secret-of-b"))
        plan = service.create_plan()
        first.wait_through(plan, 1)
        until(lambda: service.plan_row(plan)["status"] == "2", "the plan runs")
        line = first.lines[plan]
        frozen = threading.Event()
        service.process.send_signal(signal.SIGSTOP)
        first.cut()
        frozen.wait(5)
        service.process.send_signal(signal.SIGCONT)
        held = {"session": first.welcome["session"],
                "plans": [{"plan": plan, "epoch": line.epoch, "through": line.through}]}
        back = self.peer(Site(service.port, "A", "secret-of-a", resume=held, lines={plan: line}))
        self.assertTrue(back.welcome["resumed"])
        frozen.wait(4)
        self.assertEqual([], service.get("/api/recoveries"))
        self.assertEqual("A", service.plan_row(plan)["site"])
        self.assertEqual(line.epoch, service.get(f"/api/plans/{plan}")["epoch"])

    def test_a_rolling_restart_under_flow_loses_nothing(self):
        service, feed, processes, plans = self.begin(plans=4)
        today = service.get("/api/status")["business_date"]
        reports = [Reports(feed, plan, today) for plan in plans]
        over = threading.Event()
        done = []

        def flow():
            start = 0
            while not over.is_set():
                for index, one in enumerate(reports):  # numbers are the market's, not a plan's
                    one.lives(index * 1_000_000 + start, 2)
                start += 2
                feed.wait_acked()
            done.append(start)

        thread = threading.Thread(target=flow)
        thread.start()
        try:
            for name, process in processes.items():
                drained = service.cli("site", "drain", name, "--reason", "restart")
                self.assertEqual(0, drained.returncode, drained.stderr)
                until(lambda name=name: self.plans_of(service, name) == 0, f"{name} is empty", 60)
                process.send_signal(signal.SIGTERM)
                process.wait()
                self.site_process(service, name)
        finally:
            over.set()
            thread.join()
        for plan, one in zip(plans, reports):
            until(lambda plan=plan: service.plan_row(plan)["status"] == "2", f"{plan} runs", 30)
            shown = service.get(f"/api/plans/{plan}")
            self.assertEqual(0, shown["cached"])
            self.assertEqual(len(one.published) + 1, shown["last"])
        self.assertEqual([], service.get("/api/quarantine"))
        self.assertEqual([], [one for one in service.get("/api/recoveries")
                              if one["outcome"] != "recovered"])

    def test_an_operator_sets_a_poisoned_plan_right(self):
        service, feed, _, (plan,) = self.begin()
        common = {"business_date": service.get("/api/status")["business_date"], "market_no": 1,
                  "entrust_no": "E1", "stock_code": "600570", "entrust_direction": 1,
                  "entrust_price": "10"}
        feed.publish("stp.api.entrust", {**common, "function_no": 402213, "scheme_id": plan,
                                         "entrust_amount": 300, "message_id": "m1"})
        fill = {**common, "function_no": 402206, "deal_no": "D1", "deal_price": "10"}
        feed.publish("stp.api.realdeal", {**fill, "deal_amount": 400, "message_id": "m2"})
        feed.publish("stp.api.realdeal", {**fill, "deal_no": "D2", "deal_amount": 50,
                                          "message_id": "m3"})
        feed.wait_acked()
        waits = service.get("/api/quarantine")
        self.assertEqual(["m2"], [one["message_id"] for one in waits])
        number = waits[0]["no"]
        self.assertEqual([plan], [one["plan"]
                                  for one in service.get("/api/plans?quarantined=true")])
        self.assertIn("Plans that wait", service.cli("quarantine").stdout)
        self.assertIn("exceed its quantity 300", service.cli("quarantine", "show", number).stdout)
        right = '{"function_no":402206,"deal_no":"D1","deal_price":"10","deal_amount":40,' \
                f'"entrust_no":"E1","market_no":1,"business_date":{common["business_date"]}}}'
        edited = service.cli("quarantine", "edit", number, "--body", right, "--reason", "lots")
        self.assertIn("the plan goes on", edited.stdout, edited.stderr)
        until(lambda: service.plan_row(plan)["status"] == "2", "the plan runs again")
        self.assertEqual(90, service.get(f"/api/plans/{plan}")["details"][0]["filled"])
        self.assertEqual([], service.get("/api/quarantine"))
        audited = next(one for one in service.get("/api/audit")
                       if one["action"].startswith("quarantine"))
        self.assertIn('"deal_amount":400', audited["before"].replace(" ", ""))
        self.assertEqual(40, audited["after"]["deal_amount"])

    def test_a_plan_is_moved_and_explained(self):
        service, _, _, (plan,) = self.begin()
        home = service.get(f"/api/plans/{plan}")["site"]
        other = "B" if home == "A" else "A"
        self.assertIn("has it", service.cli("plans", "--explain", plan).stdout)
        moved = service.cli("site", "move", plan, "--to", other, "--reason", "test")
        self.assertEqual(0, moved.returncode, moved.stderr)
        until(lambda: service.plan_row(plan)["status"] == "2" and
              service.get(f"/api/plans/{plan}")["site"] == other, "it runs there")


if __name__ == "__main__":
    unittest.main()
