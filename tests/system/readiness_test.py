"""Ready means: ticks commit, intake commits, and the database is the file that was opened."""

import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import tempfile
import unittest
from pathlib import Path

from harness import TASKS, Service, SystemTest, config_text, until
from peer import OrderSystem, Site
from reports import Reports

IDLE = "tasks:\n  - {id: 90013, name: watch-disk, priority: 2, every: 24h}\n"


class Readiness(SystemTest):
    def why_not(self, service):
        """The reason of a 503, or None."""
        status, body, _ = service.http("GET", "/readyz")
        return body["detail"] if status == 503 else None

    def until_not_ready(self, service, words):
        why = until(lambda: (why := self.why_not(service)) and words in why and why,
                    f"it is not ready: {words}", 30)
        status = service.get("/api/status")
        self.assertFalse(status["ready"])
        self.assertIn(words, status["not_ready"])
        shown = service.cli("status").stdout
        self.assertTrue(shown.startswith("NOT READY"), shown)
        self.assertEqual(1, service.cli("status", "--check").returncode)
        return why

    def until_ready(self, service):
        until(lambda: service.http("GET", "/readyz")[0] == 200, "it is ready again", 30)
        if "the service is not ready" in service.log.read_text():
            until(lambda: "the service is ready again" in service.log.read_text(), "it is told")

    def lock(self, service, kind):
        link = sqlite3.connect(service.database, timeout=15, isolation_level=None)
        self.addCleanup(link.close)
        link.execute(f"begin {kind}")
        return link

    def test_a_lock_of_another_program(self):
        service = self.serve()
        link = self.lock(service, "exclusive")
        self.until_not_ready(service, "no tick has ended for")
        why = self.until_not_ready(service, "locked")
        self.assertIn("another program", why)
        link.execute("rollback")
        self.until_ready(service)

    def test_a_lock_while_nothing_is_due(self):
        service = self.serve(config=config_text(tasks=IDLE))
        link = self.lock(service, "immediate")
        self.until_not_ready(service, "nothing can be written to the database")
        link.execute("rollback")
        self.until_ready(service)

    def test_messages_that_cannot_be_kept(self):
        service = self.serve(config=config_text(tasks=IDLE))
        feed = self.peer(OrderSystem(service.port, "feed", "secret-of-feed"))
        link = self.lock(service, "immediate")
        feed.publish("stp.api.entrustinfo", {"message_id": "m1"})
        self.until_not_ready(service, "messages and requests")
        link.execute("rollback")
        self.until_ready(service)

    def test_a_file_that_is_deleted_or_replaced(self):
        service = self.serve()
        aside = service.directory / "aside.db"
        os.rename(service.database, aside)
        self.until_not_ready(service, "was deleted or moved")
        shutil.copy(aside, service.database)
        self.until_not_ready(service, "is another one than the one that was opened")
        os.replace(aside, service.database)
        self.until_ready(service)

    def rescued(self, service):
        found = until(lambda: list(service.directory.glob("systask-rescued-*.db")), "it is copied")
        until(lambda: "was taken away is copied" in service.log.read_text(), "it is said")
        return found[0]

    def test_nothing_is_acknowledged_once_the_file_is_gone(self):
        service = self.serve(config=config_text(tasks=IDLE))
        feed = self.peer(OrderSystem(service.port, "feed", "secret-of-feed"))
        self.peer(Site(service.port, "A", "secret-of-a"))
        plan = service.create_plan()
        reports = Reports(feed, plan, service.get("/api/status")["business_date"])
        reports.placed("E0")
        feed.wait_acked()
        os.remove(service.database)
        for number in range(1, 501):
            try:
                reports.placed(f"E{number}")
            except OSError:            # the platform closes the connection, to be sent them again
                break
        feed.wait_closed()
        self.assertEqual(1, feed.acked)
        self.until_not_ready(service, "was deleted or moved")
        rescued = self.rescued(service)
        self.assertEqual(0, service.stop())
        done = service.systask("restore", rescued.name)
        self.assertEqual(0, done.returncode, done.stderr)
        service.start()
        again = self.peer(OrderSystem(service.port, "feed", "secret-of-feed"))
        Reports(again, plan, service.get("/api/status")["business_date"]).placed("E0")
        again.wait_acked()
        numbers = service.sql("select entrust_no from algojr_tentrust where scheme_id = ?", (plan,))
        self.assertEqual([("E0",)], numbers, "what was acknowledged is there, once")

    def test_two_services_on_one_database(self):
        service = self.serve(config=config_text(tasks=IDLE))
        os.remove(f"{service.database}.lock")
        other = Service(config=config_text(tasks=IDLE))
        self.addCleanup(other.__exit__)
        for link in (os.symlink, os.link):
            other.database.unlink(missing_ok=True)
            link(service.database, other.database)
            ended = other.systask("serve", "tasks.yaml")
            self.assertEqual(1, ended.returncode)
            self.assertIn("is in use by", ended.stderr)

    def test_a_start_without_its_database(self):
        service = self.serve(config=config_text(tasks=IDLE))
        self.assertIn("a new database was made", service.log.read_text())
        made = service.systask("backup")
        self.assertIn("opened and found sound", made.stdout)
        backup = made.stdout.split(":")[0]
        self.assertEqual(1, service.systask("restore", backup).returncode, "it is in use")
        service.stop(signal.SIGKILL)
        service.database.rename(service.directory / "aside")
        ended = service.systask("serve", "tasks.yaml")
        self.assertEqual(1, ended.returncode)
        self.assertIn("put the right file back", ended.stderr)
        restored = service.systask("restore", backup)
        self.assertEqual(0, restored.returncode, restored.stderr)
        self.assertIn("what was there is kept as", restored.stdout)
        mark = len(service.log.read_text())
        service.start()
        self.assertNotIn("a new database was made", service.log.read_text()[mark:])

    def test_while_it_stops(self):
        program = "trap '' TERM; : > begun; while [ ! -e go ]; do sleep 0.05; done"
        service = Service(config=config_text(tasks=TASKS + (
            "  - {id: 91001, name: stubborn, priority: 2, every: 1h, timeout_grace: 10s,\n"
            f"     run: {{exec: {{arguments: [/bin/sh, -c, \"{program}\"]}}}}}}\n")))
        self.addCleanup(service.__exit__)
        service.start()
        asked = socket.create_connection(("127.0.0.1", service.port))
        self.addCleanup(asked.close)
        asked.sendall(b"POST /api/tasks/stubborn/run HTTP/1.1\r\nHost: localhost\r\nContent-Type: "
                      b"application/json\r\nContent-Length: 2\r\n\r\n{}")
        until((service.directory / "begun").exists, "its program runs")
        service.process.send_signal(signal.SIGTERM)
        why = until(lambda: self.why_not(service), "it is not ready while it stops")
        self.assertIn("stopping", why)
        self.assertEqual(200, service.http("GET", "/healthz")[0])
        (service.directory / "go").touch()
        self.assertEqual(0, service.stop())


class Systemd(SystemTest):
    """What systemd hears."""

    def setUp(self):
        self.heard = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(self.heard.close)

    def serve_under_systemd(self):
        service = Service()
        self.addCleanup(service.__exit__)
        path = service.directory / "notify"
        self.heard.bind(str(path))
        self.heard.settimeout(15)
        service.environment["NOTIFY_SOCKET"] = str(path)
        return service.start()

    def hear(self, words):
        """The first message from here on that has these words."""
        while True:
            text = self.heard.recv(4096).decode()
            if words in text:
                return text

    def test_a_reload_that_is_refused_and_one_that_is_not(self):
        service = self.serve_under_systemd()
        self.assertEqual("READY=1\nSTATUS=ticking", self.hear("READY=1"))
        good = service.config.read_text()
        service.config.write_text(good.replace("every: 5s", "every: never"))
        service.process.send_signal(signal.SIGHUP)
        self.assertIn("RELOADING=1", self.hear("RELOADING"))
        told = self.hear("READY=1")
        self.assertIn("STATUS=ticking; the last reload was refused, the tasks before it go on: ",
                      told)
        self.assertIn("tasks.yaml:", told)
        self.assertIn("never", told)
        service.config.write_text(good)
        service.process.send_signal(signal.SIGHUP)
        self.assertIn("RELOADING=1", self.hear("RELOADING"))
        self.assertEqual("READY=1\nSTATUS=ticking", self.hear("READY=1"))
        service.process.send_signal(signal.SIGTERM)
        self.assertIn("STOPPING=1", self.hear("STOPPING"))

    def test_that_it_is_not_ready(self):
        service = self.serve_under_systemd()
        aside = service.directory / "aside.db"
        os.rename(service.database, aside)
        self.assertIn("was deleted or moved", self.hear("STATUS=not ready"))
        os.rename(aside, service.database)
        self.hear("STATUS=ticking")


class UnitFile(unittest.TestCase):
    """docs/systask.service, as systemd reads it."""

    UNIT = Path(__file__).resolve().parents[2] / "docs" / "systask.service"
    UNITS = {"ms": 0.001, "s": 1, "min": 60}

    def seconds(self, key):
        number, unit = re.search(rf"^{key}=(\d+)(ms|s|min)$", self.UNIT.read_text(), re.M).groups()
        return int(number) * self.UNITS[unit]

    def test_it_survives_minutes_of_trouble_at_start(self):
        burst = int(re.search(r"^StartLimitBurst=(\d+)$", self.UNIT.read_text(), re.M)[1])
        tried = burst * self.seconds("RestartSec")
        self.assertGreaterEqual(tried, 300)
        # A start that fails takes a moment itself: the limit must be reached for all that.
        self.assertGreater(self.seconds("StartLimitIntervalSec"), 2 * tried)

    @unittest.skipUnless(shutil.which("systemd-analyze"), "there is no systemd-analyze")
    def test_systemd_understands_every_line(self):
        with tempfile.TemporaryDirectory(prefix="systask-") as directory:
            unit = Path(directory) / "systask.service"
            unit.write_text(self.UNIT.read_text().replace("/usr/local/bin/systask serve",
                                                          "/bin/true").replace("User=systask\n", "")
                            .replace("Group=systask\n", "").replace("WorkingDirectory=", "#"))
            told = subprocess.run(["systemd-analyze", "verify", "--man=no", str(unit)],
                                  capture_output=True, text=True, check=False, timeout=60)
        wrong = [line for line in told.stderr.splitlines() if "systask.service" in line]
        self.assertEqual([], wrong)


if __name__ == "__main__":
    unittest.main()
