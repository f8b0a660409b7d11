"""What operators do to the database with a shell while the service runs (checks 7 and 8)."""

import datetime
import json
import unittest

from harness import TASKS, SystemTest, config_text, systask
from peer import Site

CLEARING = TASKS + """  - id: 90001
    name: clear-message-cache
    priority: 2
    cron: "0 0 8 1 1 ? 2199"
    parameters: {keep_days: 30}
"""


def day_before(date):
    day = datetime.datetime.strptime(str(date), "%Y%m%d") - datetime.timedelta(days=1)
    return int(day.strftime("%Y%m%d"))


class ClearMessageCache(SystemTest):
    def fill(self, service, today):
        """Rows as the source system's shell writes them: the columns it knows, no more."""
        for plan, line, date in ((901, 1, day_before(today)), (901, 2, day_before(today)),
                                 (902, 1, day_before(today)), (902, 2, today), (903, 1, today)):
            body = json.dumps({"function_no": 402206, "business_date": date, "entrust_no": "1"})
            service.sql("insert into algojr_trequestcache (scheme_id, line_no, business_date, "
                        "function_no, message_id, body) values (?, ?, ?, 402206, ?, ?)",
                        (plan, line, date, f"m-{plan}-{line}", body))
        return self.rows(service)

    def rows(self, service, table="algojr_trequestcache"):
        return service.sql("select scheme_id, line_no, business_date, function_no, message_id, "
                           f"body from {table} order by scheme_id, line_no")

    def assert_cleared(self, service, today, before, answer):
        self.assertEqual(0, answer.returncode, answer.stdout + answer.stderr)
        self.assertIn("succeeded", answer.stdout)
        self.assertEqual([row for row in before if row[2] == today], self.rows(service))
        self.assertEqual([row for row in before if row[2] != today],
                         self.rows(service, "algojr_thisrequestcache"))

    def test_against_a_running_service(self):
        service = self.serve(config=config_text(tasks=CLEARING))
        today = service.get("/api/status")["business_date"]
        before = self.fill(service, today)
        answer = service.cli("run", "clear-message-cache")
        self.assert_cleared(service, today, before, answer)
        again = service.cli("run", "clear-message-cache")
        self.assert_cleared(service, today, before, again)

    def test_on_the_database_alone(self):
        service = self.serve(config=config_text(tasks=CLEARING))
        today = service.get("/api/status")["business_date"]
        self.assertEqual(0, service.stop())
        before = self.fill(service, today)
        answer = systask("run", "clear-message-cache", "--standalone", "--config", service.config)
        self.assert_cleared(service, today, before, answer)

    def test_a_task_that_is_not_there(self):
        service = self.serve(config=config_text(tasks=CLEARING))
        answer = service.cli("run", "clear-message-cash")
        self.assertNotEqual(0, answer.returncode)
        self.assertIn("clear-message-cash", answer.stderr)


class TradingSessions(SystemTest):
    def test_the_sessions_are_read_when_a_plan_is_created(self):
        service = self.serve(config=config_text(sessions="000000-000001"))
        self.peer(Site(service.port, "A", "secret-of-a"))
        today = service.get("/api/status")["business_date"]
        next_day = self.date_of_new_plan(service)
        self.assertGreater(next_day, today)

        service.sql("update algojr_texectimeinfo set day_exec_time_range='000000-000002' "
                    "where market_no=2")
        self.assertEqual(next_day, self.date_of_new_plan(service))
        service.sql("update algojr_texectimeinfo set day_exec_time_range='000000-240000' "
                    "where market_no=1")
        self.assertEqual(today, self.date_of_new_plan(service))
        self.assertEqual(next_day, self.date_of_new_plan(service, market=2))
        service.sql("update algojr_texectimeinfo set "
                    "day_exec_time_range='000000-000001;000001-000002'")
        self.assertEqual(next_day, self.date_of_new_plan(service))
        service.sql("update algojr_texectimeinfo set "
                    "day_exec_time_range='000000-113000;113000-240000'")
        self.assertEqual(today, self.date_of_new_plan(service))
        self.assertEqual(today, self.date_of_new_plan(service, market=2))

    def test_a_range_that_is_none_is_open_all_day_and_the_log_says_so(self):
        service = self.serve(config=config_text(sessions="000000-000001"))
        self.peer(Site(service.port, "A", "secret-of-a"))
        service.sql("update algojr_texectimeinfo set day_exec_time_range='9:30 to 11:30'")
        today = service.get("/api/status")["business_date"]
        self.assertEqual(today, self.date_of_new_plan(service))
        self.assertIn("9:30 to 11:30", service.log.read_text())

    def plan(self, market=1):
        return {"name": "a plan", "strategy": "follow", "details": [
            {"market_no": market, "stock_code": "600570", "entrust_direction": 1,
             "quantity": 100}]}

    def date_of_new_plan(self, service, market=1):
        status, answer, _ = service.http("POST", "/api/plans", self.plan(market))
        self.assertEqual(201, status, answer)
        return service.plan_row(answer["plan"])["business_date"]


if __name__ == "__main__":
    unittest.main()
