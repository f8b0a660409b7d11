"""Recordings as people give them: through pipes, with mistakes, too short, two at once."""

import gzip
import os
import subprocess
import tempfile
import threading
import unittest
from pathlib import Path

from harness import BINARY, SECRETS, SystemTest, systask
from peer import Site

HEADING = "t_us,order,event,side,price,qty\n"


def fix_message(fields):
    body = fields.replace("|", "\x01") + "\x01"
    text = f"8=FIX.4.4\x019={len(body)}\x01{body}"
    return f"{text}10={sum(text.encode()) % 256:03d}\x01\n"


class Input(unittest.TestCase):
    """Whatever the way, nothing is lost of it."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="systask-")
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        orders = range(2000)                  # more than a pipe holds
        self.texts = {
            "csv": HEADING + "".join(f"{i},{i},A,B,10.25,5\n" for i in orders),
            "fix": "".join(fix_message(f"35=D|34={i}|49=C|56=B|52=20260522-01:30:00.000|11=c{i}|"
                                       "55=600570|54=1|38=100|40=2|44=10.5") for i in orders)}
        self.reports = {"csv": 4000, "fix": 2000}

    def survey(self, source, **how):
        done = subprocess.run([BINARY, "flow", "--survey", "--from", source], capture_output=True,
                              cwd=self.folder, timeout=60, check=False, **how)
        self.assertEqual(0, done.returncode, done.stderr)
        return done.stdout.decode()

    def test_standard_input_and_named_pipes(self):
        for kind, text in self.texts.items():
            for data in (text.encode(), gzip.compress(text.encode())):
                said = self.survey("-", input=data)
                self.assertIn(f"standard input: {self.reports[kind]} reports to replay", said)
                pipe = self.folder / "pipe"
                os.mkfifo(pipe)
                writer = threading.Thread(target=pipe.write_bytes, args=(data,))
                writer.start()
                said = self.survey(str(pipe))
                writer.join()
                pipe.unlink()
                self.assertIn(f"{self.reports[kind]} reports to replay", said)

    def test_a_mistake_has_its_place(self):
        file = self.folder / "side.csv"
        file.write_text(HEADING + "0,1,A,S,10,5\n")
        done = systask("flow", "--survey", "--from", file)
        self.assertEqual(1, done.returncode)
        self.assertIn(f"{file}:2:7: side: found 'S', expected B", done.stderr)

    def test_a_business_date_that_is_none(self):
        for date in ("20261399", "today", "2026052"):
            done = systask("flow", "--survey", "--from", "-", "--business-date", date)
            self.assertEqual(2, done.returncode, done.stderr)
            self.assertIn(f"found {date}, expected a date, YYYYMMDD", done.stderr)

    def test_a_drill_of_a_log_that_is_too_short(self):
        file = self.folder / "short.csv"
        file.write_text(HEADING + "0,1,A,B,10,5\n1,1,F,B,10,5\n")
        done = systask("drill", "--from", file, "--kills", 2, directory=self.folder)
        self.assertEqual(1, done.returncode)
        self.assertIn("too short for 2 kills: it gives 3 messages, and 6 are needed", done.stderr)


class Runs(SystemTest):
    """Flows against one service."""

    def setUp(self):
        self.service = self.serve(secrets=SECRETS + "order_system other secret-of-other\n")

    def flow(self, name, rows, plan, *more):
        file = self.service.directory / f"{name}.csv"
        file.write_text(HEADING + rows)
        return subprocess.Popen(
            [BINARY, "flow", "--name", name, "--connect", f"127.0.0.1:{self.service.port}",
             "--secrets", "service.secrets", "--from", file.name, "--plan-ids", str(plan), *more],
            cwd=self.service.directory, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def ended(self, flow):
        _, errors = flow.communicate(timeout=60)
        return flow.returncode, errors

    def test_two_that_start_in_one_second(self):
        self.peer(Site(self.service.port, "A", "secret-of-a"))
        plans = [self.service.create_plan(), self.service.create_plan()]
        flows = [self.flow("feed", "0,1,A,B,10,5\n1,1,F,B,10,5\n", plans[0]),
                 self.flow("other", "0,1,A,A,20,700\n1,1,F,A,20,700\n", plans[1])]
        for flow in flows:
            self.assertEqual(0, self.ended(flow)[0])
        filled = self.service.sql("select scheme_id, deal_amount from algojr_tentrust "
                                  "order by scheme_id")
        self.assertEqual([(plans[0], 5), (plans[1], 700)], filled)

    def test_a_plan_that_is_not_there(self):
        status, errors = self.ended(self.flow("feed", "0,1,A,B,10,5\n", 987654))
        self.assertEqual(1, status)
        self.assertIn("the platform has no plan 987654", errors)

    def test_a_gap_of_months_is_said_or_cut(self):
        self.peer(Site(self.service.port, "A", "secret-of-a"))
        plan = self.service.create_plan()
        rows = "0,1,A,B,10,5\n9000000000000,1,F,B,10,5\n"
        waits = self.flow("feed", rows, plan, "--speed", "recorded")
        line = waits.stderr.readline()
        while line and "silent for long" not in line:
            line = waits.stderr.readline()
        self.assertIn("--longest-gap", line)
        waits.kill()
        self.ended(waits)
        cut = self.flow("other", rows, plan, "--speed", "recorded", "--longest-gap", "100ms")
        self.assertEqual(0, self.ended(cut)[0])


if __name__ == "__main__":
    unittest.main()
