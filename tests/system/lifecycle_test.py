"""The service as a process: one per database, signals, death and restart."""

import re
import resource
import signal
import unittest
from pathlib import Path

from harness import SANITIZED, TASKS, Service, SystemTest, config_text, systask, until
from peer import OrderSystem, Site
from reports import Reports


class Lifecycle(SystemTest):
    def test_two_services_never_open_one_database(self):
        service = self.serve()
        second = systask("serve", service.config, directory=service.directory, timeout=20)
        self.assertNotEqual(0, second.returncode)
        self.assertIn("systask.db", second.stderr + second.stdout)
        alone = systask("run", "recover-plans", "--standalone", "--config", service.config)
        self.assertNotEqual(0, alone.returncode)
        self.assertIn("systask.db", alone.stderr)
        self.assertEqual(200, service.http("GET", "/readyz")[0])

    def test_sigterm_finishes_and_loses_nothing(self):
        service = self.serve()
        feed = self.peer(OrderSystem(service.port, "feed", "secret-of-feed"))
        site = self.peer(Site(service.port, "A", "secret-of-a"))
        plan = service.create_plan(quantity=10_000_000)
        site.wait_through(plan, 1)
        reports = Reports(feed, plan, service.get("/api/status")["business_date"])
        reports.lives(0, 200)
        feed.wait_for(lambda: feed.acked, "some are acknowledged")
        self.assertEqual(0, service.stop(signal.SIGTERM))
        feed.wait_closed()
        self.assertGreaterEqual(self.messages(service), feed.acked)
        last = service.sql("select max(run_id) from tstp_systemtask_run")[0][0]
        service.start()
        until(lambda: not service.sql("select run_id from tstp_systemtask_run where run_id <= ? "
                                      "and run_state in ('claimed', 'waiting')", (last,)),
              "every run from before has its outcome", 5)

    def test_it_may_open_as_many_files_as_it_takes_connections(self):
        _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        service = Service(config=config_text())
        self.addCleanup(service.__exit__)
        service.start(lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (256, hard)))
        limits = Path(f"/proc/{service.process.pid}/limits").read_text()
        soft = int(re.search(r"Max open files +(\d+)", limits)[1])
        self.assertGreaterEqual(soft, min(hard, 4096 + 256))

    @unittest.skipIf(SANITIZED, "a sanitizer has an allocator of its own")
    def test_every_library_takes_its_memory_from_one_allocator(self):
        linker = {"LD_BIND_NOW": "1", "LD_DEBUG": "bindings"}
        told = systask("--help", environment=linker).stderr
        givers = set(re.findall(r" to (\S+) \[\d+\]: normal symbol `(?:malloc|free|_Znwm)'", told))
        self.assertEqual(["libmimalloc.so.2"], [Path(giver).name for giver in givers])

    def messages(self, service):
        return service.sql("select count(*) from algojr_tmessage")[0][0]

    def test_an_open_run_is_settled_after_a_kill(self):
        service = self.serve(config=config_text(
            tasks=TASKS.replace("every: 1s}", "every: 1s, on_lost: record}")))
        until(lambda: service.get("/api/runs?limit=10")["runs"], "a task has run")
        service.stop(signal.SIGKILL)
        # What a kill in the middle of a run leaves behind: claimed, begun, without an outcome.
        row = service.sql("select nominal_us, task_id, run_key, run_id from tstp_systemtask_run "
                          "where task_id = 90005 order by nominal_us desc limit 1")[0]
        service.sql("update tstp_systemtask_run set run_state = 'claimed', finished_at_us = null "
                    "where nominal_us = ? and task_id = ? and run_key = ?", row[:3])
        service.start()
        state = until(lambda: self.outcome(service, row), "the open run is settled", 5)
        self.assertEqual("lost", state)

    def outcome(self, service, row):
        state = service.sql("select run_state from tstp_systemtask_run where nominal_us = ? and "
                            "task_id = ? and run_key = ?", row[:3])[0][0]
        return state if state != "claimed" else None

    def test_a_killed_service_goes_on_with_its_sites_and_messages(self):
        service = self.serve()
        feed = self.peer(OrderSystem(service.port, "feed", "secret-of-feed"))
        site = self.peer(Site(service.port, "A", "secret-of-a"))
        plan = service.create_plan(quantity=10_000_000)
        site.wait_through(plan, 1)
        date = service.get("/api/status")["business_date"]
        reports = Reports(feed, plan, date)
        reports.lives(0, 100)
        feed.wait_for(lambda: feed.acked >= 100, "some are acknowledged")
        service.stop(signal.SIGKILL)
        feed.wait_closed()
        site.wait_closed()
        self.assertGreaterEqual(self.messages(service), feed.acked)
        service.start()
        feed = self.peer(OrderSystem(service.port, "feed", "secret-of-feed"))
        for topic, body in reports.published:    # all again: the platform knows which it has
            feed.publish(topic.replace("asset.algo.", "stp.api."), body)
        line = site.lines[plan]
        back = self.peer(Site(
            service.port, "A", "secret-of-a", lines={plan: line},
            resume={"session": site.welcome["session"], "plans": [
                {"plan": plan, "epoch": line.epoch, "through": line.through}]}))
        self.assertTrue(back.welcome["resumed"])
        feed.wait_acked()
        back.wait_through(plan, len(reports.published) + 1)
        self.assertEqual([], back.violations)
        self.assertEqual(reports.published, [(topic, body) for number, topic, body in
                                             back.lines[plan].events if number > 1])
        shown = service.get(f"/api/plans/{plan}")
        self.assertEqual(("A", 1), (shown["site"], shown["epoch"]))
        self.assertEqual(back.lines[plan].state.digest(), shown["digest"])

    def test_sighup_takes_a_good_file_and_keeps_out_a_bad_one(self):
        service = self.serve()
        names = lambda: {one["name"] for one in service.get("/api/tasks")}
        before = names()
        self.assertNotIn("watch-disk", before)
        good = config_text(tasks=TASKS + "  - {id: 90013, name: watch-disk, priority: 2, "
                           "every: 1h}\n", listen=f"127.0.0.1:{service.port}")
        service.config.write_text(good)
        service.process.send_signal(signal.SIGHUP)
        until(lambda: "watch-disk" in names(), "the new task is there")
        bad = good.replace("every: 1h", "every: never")
        service.config.write_text(bad)
        mark = len(service.log.read_text())
        service.process.send_signal(signal.SIGHUP)
        line = bad.splitlines().index(next(one for one in bad.splitlines() if "never" in one)) + 1
        until(lambda: f"tasks.yaml:{line}:" in service.log.read_text()[mark:], "it is told")
        self.assertEqual(before | {"watch-disk"}, names())
        self.assertEqual(200, service.http("GET", "/readyz")[0])

    def test_a_port_that_is_taken(self):
        service = self.serve()
        other = Service(config=config_text(listen=f"127.0.0.1:{service.port}"))
        self.addCleanup(other.__exit__)
        answer = systask("serve", other.config, directory=other.directory, timeout=20)
        self.assertEqual(1, answer.returncode)
        self.assertIn(str(service.port), answer.stderr)


if __name__ == "__main__":
    unittest.main()
