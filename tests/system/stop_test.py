"""A stop of the service: bodies that have begun get their time, and what it ends is lost."""

import signal
import threading
import unittest
from pathlib import Path

from harness import PATIENCE, TASKS, SystemTest, config_text, until
from peer import Site

# Says that it began, and with which attempt; then waits for a file, but the second time.
BODY = ('echo "$SYSTASK_ATTEMPT" >> "$SYSTASK_TASK.began"; '
        'test "$SYSTASK_ATTEMPT" -gt 1 || while ! test -e "$SYSTASK_TASK.go"; do sleep 0.05; done')


def shell(task, name, more):
    return (f"  - {{id: {task}, name: {name}, priority: 2, {more}, "
            f"run: {{exec: [/bin/sh, -c, '{BODY}']}}}}\n")


class Stop(SystemTest):
    def begin(self, tasks, extra=PATIENCE, **settings):
        return self.serve(config=config_text(tasks=TASKS + tasks, extra=extra), **settings)

    def began(self, service, name, attempts="1\n"):
        file = Path(service.directory) / f"{name}.began"
        until(lambda: file.exists() and file.read_text() == attempts, f"{name} began")

    def go(self, service, name):
        directory = Path(service.directory)
        if directory.exists():
            (directory / f"{name}.go").touch()

    def run_in_background(self, service, name):
        answers = []
        thread = threading.Thread(target=lambda: answers.append(service.cli("run", name)))
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(self.go, service, name)
        return lambda: (thread.join(), answers[0])[1]

    def runs(self, service, name):
        return service.get(f"/api/runs?task={name}&limit=10")["runs"]

    def test_what_has_begun_finishes_and_nothing_else_starts(self):
        service = self.begin(shell(1, "a", "overlap: queue-one, stop_timeout: 1m") +
                             shell(2, "b", "overlap: queue-one"))  # the service's time is its
        answer, other = (self.run_in_background(service, name) for name in "ab")
        self.began(service, "a")
        self.began(service, "b")
        service.process.send_signal(signal.SIGTERM)
        status, body, _ = until(lambda: (found := service.http("GET", "/readyz"))[0] == 503 and
                                found, "it is not ready any more")
        self.assertIn("stopping", body["detail"])
        until(lambda: "runs are still under way" in service.log.read_text(), "it says who runs")
        self.assertIn("a (run", service.log.read_text())
        until(lambda: "a (run" in service.http("GET", "/readyz")[1]["detail"], "so does readyz")
        refused = service.cli("run", "a")
        self.assertEqual(1, refused.returncode)
        self.assertIn("stopping", refused.stderr)
        service.process.send_signal(signal.SIGHUP)
        self.go(service, "b")
        self.assertIn("succeeded", other().stdout)
        self.go(service, "a")
        self.assertEqual(0, service.process.wait(10))
        self.assertEqual(0, answer().returncode, answer().stderr)
        self.assertIn("succeeded", answer().stdout)

    def test_what_is_ended_is_made_again_and_what_comes_after_it_starts(self):
        service = self.begin(shell(1, "a", "every: 1h, on_lost: rerun, stop_timeout: 300ms") +
                             "  - {id: 2, name: b, after: [a], run: {exec: [/bin/true]}}\n")
        # The occurrence that is due is one of the past: claimed as a crash before it left it.
        service.stop()
        service.sql("update tstp_systemtask_due set watermark_us = watermark_us - 3600000000, "
                    "next_due_us = next_due_us - 3600000000 where task_id = 1")
        service.config.write_text(service.config.read_text().replace(
            "every: 1h,", "every: 1h, late: {within: 2h, otherwise: run},"))
        service.start()
        self.began(service, "a")
        self.assertEqual(0, service.stop(signal.SIGTERM))
        row = service.sql("select run_state, detail from tstp_systemtask_run where task_id = 1")[0]
        self.assertEqual("claimed", row[0])
        self.assertIn("ended by the service's stop", row[1])
        self.assertIn("a run was ended by the service's stop", service.log.read_text())
        service.start()
        until(lambda: self.runs(service, "b") and
              self.runs(service, "b")[0]["outcome"] == "succeeded", "what comes after it ran")
        self.began(service, "a", "1\n2\n")
        self.assertEqual(("succeeded", 2), (self.runs(service, "a")[0]["outcome"],
                                            self.runs(service, "a")[0]["attempt"]))

    def test_a_second_signal_hurries_and_who_asked_for_the_run_is_told(self):
        service = self.begin(shell(1, "a", "stop_timeout: 1h"))
        answer = self.run_in_background(service, "a")
        self.began(service, "a")
        service.process.send_signal(signal.SIGTERM)
        until(lambda: "asked again, it hurries" in service.log.read_text(), "it stops")
        service.process.send_signal(signal.SIGINT)
        self.assertEqual(0, service.process.wait(10))
        self.assertEqual(1, answer().returncode)
        self.assertIn("lost: ended by the service's stop", answer().stdout)
        self.assertEqual([("lost",)], service.sql(
            "select run_state from tstp_systemtask_run where task_id = 1"))

    def test_a_third_signal_gives_up_what_is_deaf(self):
        service = self.begin("  - {id: 1, name: a, timeout_grace: 1h, stop_timeout: 1h, run: {exec: "
                             "[/bin/sh, -c, 'trap \"\" TERM; echo 1 > a.began; "
                             "while ! test -e a.go; do sleep 0.05; done']}}\n")
        answer = self.run_in_background(service, "a")
        self.began(service, "a")
        for text in ("asked again, it hurries", "asked again: runs under way", "were given up"):
            service.process.send_signal(signal.SIGTERM)
            if text != "were given up":
                until(lambda: text in service.log.read_text(), text)
        self.assertEqual(0, service.process.wait(10))
        self.assertIn("lost: ended by the service's stop", answer().stdout)

    def test_plans_are_given_to_others_meanwhile(self):
        service = self.begin(shell(1, "a", "stop_timeout: 1h"))
        first = self.peer(Site(service.port, "A", "secret-of-a"))
        second = self.peer(Site(service.port, "B", "secret-of-b"))
        plan = service.create_plan(quantity=10_000_000)
        until(lambda: service.plan_row(plan)["status"] == "2", "the plan runs")
        holder, other = (first, second) if plan in first.lines else (second, first)
        self.run_in_background(service, "a")
        self.began(service, "a")
        service.process.send_signal(signal.SIGTERM)
        until(lambda: service.http("GET", "/readyz")[0] == 503, "it stops")
        holder.cut()
        other.rebuild(plan)
        self.assertEqual("2", other.drain_cache(plan)["status"])
        self.go(service, "a")
        self.assertEqual(0, service.process.wait(10))


    def test_a_site_that_only_listens_keeps_no_plan_from_the_next(self):
        service = self.begin(shell(1, "a", "stop_timeout: 1h"),
                             extra=PATIENCE + "  rebuild_timeout: 300ms\n")
        sites = [self.peer(Site(service.port, name, f"secret-of-{name.lower()}"))
                 for name in "ABC"]
        plan = service.create_plan(quantity=10_000_000)
        until(lambda: service.plan_row(plan)["status"] == "2", "the plan runs")
        self.run_in_background(service, "a")
        self.began(service, "a")
        service.process.send_signal(signal.SIGTERM)
        until(lambda: service.http("GET", "/readyz")[0] == 503, "it stops")
        holder = next(site for site in sites if plan in site.lines)
        holder.cut()
        asked = lambda: [site for site in sites if site is not holder and plan in site.offers]
        first = until(asked, "one is asked")[0]
        last = next(site for site in sites if site not in (holder, first))
        last.rebuild(plan)
        self.assertEqual("2", last.drain_cache(plan)["status"])
        self.go(service, "a")
        self.assertEqual(0, service.process.wait(10))


if __name__ == "__main__":
    unittest.main()
