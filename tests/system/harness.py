"""One `systask serve` of the real binary, on a free port and in a directory of its own.

SYSTASK_BINARY names the binary. Nothing here waits by the clock: until() looks again and again,
with a deadline.
"""

import http.client
import json
import os
import re
import signal
import sqlite3
import subprocess
import tempfile
import threading
import time
import unittest
from pathlib import Path

BINARY = os.environ.get("SYSTASK_BINARY", "systask")
# Whether the binary was built with a sanitizer, which makes it several times as slow.
SANITIZED = any(runtime in Path(BINARY).read_bytes() for runtime in
                (b"__asan_init", b"__tsan_init")) if Path(BINARY).exists() else False
DEADLINE = 15

TASKS = """tasks:
  - {id: 5180509, name: recover-plans, priority: 1, every: 1s, overlap: run-once-more}
  - {id: 90005, name: expire-sites, priority: 1, every: 1s}
  - {id: 90006, name: retry-outbox, priority: 1, every: 1s}
  - {id: 90007, name: apply-parked, priority: 1, every: 5s}
"""

SECRETS = """site A secret-of-a
site B secret-of-b
site C secret-of-c
order_system feed secret-of-feed
client desk secret-of-desk
"""


def until(true, what, deadline=DEADLINE):
    """Asks until the answer is true, and returns it."""
    end = time.monotonic() + deadline
    pace = threading.Event()
    while True:
        answer = true()
        if answer:
            return answer
        if time.monotonic() > end:
            raise TimeoutError(f"{what}: not within {deadline} s")
        pace.wait(0.02)


def systask(*arguments, directory=None, stdin=None, timeout=60, environment=None,
            stdout=subprocess.PIPE):
    """Runs one command to its end, which a sanitizer may put off."""
    timeout *= 4 if SANITIZED else 1
    return subprocess.run([BINARY, *map(str, arguments)], cwd=directory, input=stdin, text=True,
                          env={**os.environ, **(environment or {})}, stdout=stdout,
                          stderr=subprocess.PIPE, timeout=timeout, check=False)


# Python under load may be silent for a second; a connection that is cut is noticed at once.
PATIENCE = "  site_timeout: 5s\n"


def config_text(listen="127.0.0.1:0", extra=PATIENCE, sessions="000000-240000", tasks=TASKS):
    return (f"service:\n  database: sqlite3://systask.db\n  listen: {listen}\n"
            f"  time_zone: UTC\n  secrets: service.secrets\n  stop_timeout: 3s\n"
            f"  day_exec_time_range: {sessions}\n  markets: [1, 2]\n{extra}"
            f"lanes: {{1: {{threads: 8}}, 2: {{threads: 2}}}}\n{tasks}")


class Service:
    """Owns the process and its directory; use it in a with statement."""

    def __init__(self, config=None, secrets=SECRETS, directory=None, environment=None):
        self._temporary = None if directory else tempfile.TemporaryDirectory(prefix="systask-")
        self.directory = Path(directory or self._temporary.name)
        self.config = self.directory / "tasks.yaml"
        self.database = self.directory / "systask.db"
        self.log = self.directory / "serve.log"
        self.environment = {**os.environ, **(environment or {})}
        self.config.write_text(config or config_text())
        secrets_file = self.directory / "service.secrets"
        secrets_file.write_text(secrets)
        secrets_file.chmod(0o600)
        self.process = None
        self.port = None
        self.token = None

    def start(self, preexec=None, port=None):
        """Starts it, and waits until it is ready; its log tells the port where none is given."""
        mark = self.log.stat().st_size if self.log.exists() else 0
        with self.log.open("ab") as log:
            self.process = subprocess.Popen([BINARY, "serve", str(self.config)],
                                            cwd=self.directory, stdout=log, stderr=log,
                                            env=self.environment, preexec_fn=preexec)

        def listening():
            if self.process.poll() is not None:
                raise AssertionError(f"serve ended: {self.log.read_text()[mark:]}")
            found = re.search(r"ticking listen=\S+:(\d+)", self.log.read_text()[mark:])
            return found and int(found[1])

        self.port = port or until(listening, "the service listens")
        until(lambda: self.http("GET", "/readyz")[0] == 200, "the service is ready")
        return self

    def stop(self, number=signal.SIGTERM):
        """Sends the signal, waits for the end, and returns the exit status."""
        if self.process is None:
            return None
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            return self.process.wait(DEADLINE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError(f"still running {DEADLINE} s after signal {number}: "
                                 f"{self.log.read_text()[-2000:]}") from None

    def __enter__(self):
        try:
            return self.start()
        except BaseException:
            self.__exit__()
            raise

    def __exit__(self, *_):
        try:
            self.stop()
        finally:
            if self._temporary:
                self._temporary.cleanup()

    def http(self, method, path, body=None, headers=None):
        """(status, body, headers); the body is decoded where it is JSON."""
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=DEADLINE)
        sent = dict(headers or {})
        if self.token:
            sent["Authorization"] = f"Bearer {self.token}"
        if body is not None:
            sent["Content-Type"] = "application/json"
            body = body if isinstance(body, (str, bytes)) else json.dumps(body)
        try:
            link.request(method, path, body, sent)
            reply = link.getresponse()
            text = reply.read().decode()
        except (ConnectionError, http.client.HTTPException):
            return 0, "", {}
        finally:
            link.close()
        kind = reply.headers.get("Content-Type", "")
        return reply.status, json.loads(text) if text and "json" in kind else text, reply.headers

    def get(self, path):
        status, body, _ = self.http("GET", path)
        assert status == 200, (path, status, body)
        return body

    def create_plan(self, name="a plan", strategy="follow", quantity=100000, parameters=None):
        body = {"name": name, "strategy": strategy, "environment": "prod",
                "parameters": parameters or {},
                "details": [{"market_no": 1, "stock_code": "600570", "entrust_direction": 1,
                             "quantity": quantity}]}
        status, answer, _ = self.http("POST", "/api/plans", body)
        assert status == 201, (status, answer)
        return answer["plan"]

    def plan_row(self, plan):
        """The plan as the table of plans shows it: `h` while no site runs it."""
        return next(one for one in self.get("/api/plans") if one["plan"] == plan)

    def cli(self, *arguments):
        return systask(*arguments, "--connect", f"127.0.0.1:{self.port}", directory=self.directory)

    def systask(self, *arguments):
        """A command in its directory, which asks no service."""
        return systask(*arguments, directory=self.directory)

    def sql(self, statement, values=()):
        """One statement in a transaction of another process's own, as the sqlite3 shell's."""
        link = sqlite3.connect(self.database, timeout=DEADLINE)
        try:
            with link:
                return link.execute(statement, values).fetchall()
        finally:
            link.close()


class SystemTest(unittest.TestCase):
    """Gives each test its service, stopped at the end, whose log is shown where it failed."""

    maxDiff = None

    def serve(self, **settings):
        service = Service(**settings)
        self.addCleanup(service.__exit__)
        return service.start()

    def peer(self, made):
        """Cut at the end of the test, before the service stops."""
        self.addCleanup(made.cut)
        return made
