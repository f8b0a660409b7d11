"""The service ends in the middle of a day's turn, of a backup and of a checkpoint; started again and
told to do it again, it has lost no row and moved none twice (R13)."""

import datetime
import os
import sqlite3
import time
import unittest
from pathlib import Path

import faults
from faults import SANITIZED, WHY_NOT, side_by_side
from harness import TASKS, Service, SystemTest, config_text, until
from peer import OrderSystem, Site
from reports import Reports

CLOCK = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)
START = int(datetime.datetime(2026, 5, 21, 9, tzinfo=datetime.timezone.utc).timestamp())
DAY = 86400
ZERO = START - int(time.time())  # how far the services' clocks are ahead, so many seconds

# At an hour that no test comes by: each is run by hand.
TURN = "".join(f"  - {{id: {task}, name: {name}, priority: 2, at: '23:{task - 90100}'}}\n"
               for task, name in ((90110, "archive-day"), (90111, "clear-message-cache"),
                                  (90112, "roll-business-date"), (90113, "backup-database"),
                                  (90114, "checkpoint-database")))
# (point, which passing of its process). What is passed while the database is made comes before.
TURN_POINTS = [("commit.archive.before", 1), ("commit.archive.after", 1),
               ("commit.archive.before", 4), ("commit.archive.after", 3),
               ("commit.day.before", 2), ("commit.day.after", 2)]
UPKEEP_POINTS = [("file.backup-write.before", 1), ("file.backup-write.after", 5),
                 ("file.backup-done.before", 1), ("file.backup-done.after", 1),
                 ("file.database-write.before", 3), ("file.database-write.after", 5),
                 ("file.database-sync.before", 2), ("file.database-sync.after", 2)]
MADE_POINTS = [("file.database-write.before", 1), ("file.database-write.after", 1),
               ("file.database-sync.before", 1), ("file.database-sync.after", 1),
               ("commit.day.before", 1), ("commit.day.after", 1)]
UNSYNCED = ("keep", "drop")


@unittest.skipIf(SANITIZED, WHY_NOT)
class Day(SystemTest):
    def armed(self, point, passing, unsynced="keep"):
        """A service that ends there, once; its wall clock is moved by tomorrow()."""
        service = Service(config=config_text(tasks=TASKS + TURN))
        self.addCleanup(service.__exit__)
        service.environment.update(faults.environment(
            service.directory, [f"{point}:{passing}"], unsynced))
        return service

    def with_clock(self, service):
        clock = service.directory / "clock"
        clock.write_text(f"{ZERO:+d}\n")
        service.environment.update({
            "LD_PRELOAD": f"{faults.LIBRARY} {CLOCK}", "FAKETIME_NO_CACHE": "1",
            "FAKETIME_TIMESTAMP_FILE": str(clock), "FAKETIME_DONT_FAKE_MONOTONIC": "1"})

    def tomorrow(self, service):
        new = service.directory / "clock.new"
        new.write_text(f"{ZERO + DAY:+d}\n")
        os.replace(new, service.directory / "clock")

    def a_day(self, service):
        """A plan that is filled, order by order, with all that it leaves in the tables."""
        feed = self.peer(OrderSystem(service.port, "feed", "secret-of-feed"))
        site = self.peer(Site(service.port, "A", "secret-of-a"))
        plan = service.create_plan(quantity=2000)
        site.wait_through(plan, 1)
        reports = Reports(feed, plan, service.get("/api/status")["business_date"])
        for order in range(20):
            reports.placed(f"{order}")
            reports.confirmed(f"{order}")
            reports.filled(f"{order}", f"d{order}", 100)
        feed.wait_acked()
        until(lambda: service.plan_row(plan)["status"] == "b", "the plan is completed")
        feed.cut()
        site.cut()
        return plan

    def rows(self, service):
        """Table -> its rows of the day, wherever they are: moved ones count with the others."""
        names = {name for (name,) in service.sql(
            "select name from sqlite_master where type = 'table' and name like 'algojr_%'")}
        return {name: service.sql(
            f"select count(*) from (select 1 from {name} union all select 1 from "
            f"{name.replace('algojr_t', 'algojr_this')})")[0][0]
            for name in names if name.replace("algojr_t", "algojr_this") in names}

    def run_task(self, service, name):
        return service.http("POST", f"/api/tasks/{name}/run", {"reason": "the test's"})

    def dies(self, service):
        until(lambda: service.process.poll() is not None, "the service has ended")
        self.assertEqual(-9, service.process.returncode, service.log.read_text()[-2000:])

    def end_in(self, service, tasks):
        """Runs them until the service ends, starts it, and runs all of them. A checkpoint that a
        commit has overtaken syncs nothing: then the next one does."""
        until(lambda: any(self.run_task(service, name)[0] != 200 for name in tasks),
              "the service has ended")
        self.dies(service)
        service.start()
        for name in tasks:
            status, body, _ = self.run_task(service, name)
            self.assertEqual((200, "succeeded"), (status, body["outcome"]), (name, body))

    def at_each(self, cases, check):
        """The cases side by side, each a service of its own; each failure is named."""
        def outcome(case):
            try:
                return check(*case)
            except Exception as failure:  # one of many: told below, with its case
                return failure

        for case, failure in zip(cases, side_by_side(
                [lambda case=case: outcome(case) for case in cases])):
            with self.subTest(case=case):
                if failure:
                    raise failure

    def end_in_the_turn(self, point, passing):
        service = self.armed(point, passing)
        self.with_clock(service)
        service.start()
        self.a_day(service)
        before = self.rows(service)
        self.assertEqual(20, before["algojr_trealdeal"])
        self.tomorrow(service)
        self.end_in(service, ["clear-message-cache", "archive-day", "roll-business-date"])
        self.assertEqual([f"{point}:{passing}"], faults.crashes(service.directory))
        self.assertEqual(before, self.rows(service))
        for table in ("algojr_trealdeal", "algojr_tentrust", "algojr_tmessage", "algojr_tscheme"):
            self.assertEqual([(0,)], service.sql(f"select count(*) from {table}"), table)
        self.assertEqual(20260522, service.get("/api/status")["business_date"])
        self.assertEqual(0, service.stop())

    @unittest.skipIf(CLOCK is None, "libfaketime is not installed: ./dev setup test")
    def test_a_days_turn(self):
        self.at_each(TURN_POINTS, self.end_in_the_turn)

    def end_in_upkeep(self, point, passing, unsynced):
        service = self.armed(point, passing, unsynced).start()
        plan = self.a_day(service)
        before = self.rows(service)
        self.end_in(service, ["backup-database", "checkpoint-database"])
        self.assertEqual([f"{point}:{passing}"], faults.crashes(service.directory))
        self.assertEqual(before, self.rows(service))
        self.assertEqual("b", service.plan_row(plan)["status"])
        self.assert_sound(service.database)
        copies = list(service.directory.glob("backup/*.db"))
        self.assertTrue(copies)
        for copy in copies:
            self.assert_sound(copy)
        self.assertEqual(0, service.stop())

    def test_backup_and_checkpoint(self):
        self.at_each([(*one, unsynced) for one in UPKEEP_POINTS for unsynced in UNSYNCED],
                     self.end_in_upkeep)

    def end_in_the_making(self, point, passing, unsynced):
        service = self.armed(point, passing, unsynced)
        with self.assertRaisesRegex(AssertionError, "serve ended"):
            service.start()
        self.dies(service)
        self.assertEqual([f"{point}:{passing}"], faults.crashes(service.directory))
        service.start()
        self.a_day(service)
        self.assertEqual(0, service.stop())

    def test_the_making_of_a_database(self):
        self.at_each([(*one, unsynced) for one in MADE_POINTS for unsynced in UNSYNCED],
                     self.end_in_the_making)

    def assert_sound(self, file):
        """Whole, and with the day in it."""
        link = sqlite3.connect(file)
        try:
            self.assertEqual([("ok",)], link.execute("pragma integrity_check").fetchall(), file)
            self.assertEqual([(20,)], link.execute(
                "select count(*) from algojr_trealdeal").fetchall(), file)
        finally:
            link.close()

    def test_the_making_of_a_database(self):
        for point, passing in MADE_POINTS:
            for unsynced in ("keep", "drop"):
                with self.subTest(point=point, passing=passing, unsynced=unsynced):
                    service = self.armed(point, passing, unsynced)
                    with self.assertRaisesRegex(AssertionError, "serve ended"):
                        service.start()
                    self.dies(service)
                    self.assertEqual([f"{point}:{passing}"], faults.crashes(service.directory))
                    service.start()
                    self.a_day(service)
                    self.assertEqual(0, service.stop())


if __name__ == "__main__":
    unittest.main()
