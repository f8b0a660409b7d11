"""Logs of FIX messages, replayed by the real order system and judged by a drill."""

import json
import tempfile
import unittest
from pathlib import Path

from harness import systask

SOH = "\x01"
ORDERS = 60


def message(kind, number, *fields):
    body = SOH.join([f"35={kind}", f"34={number}", "49=OMS", "56=BROKER",
                     f"52=20260522-01:30:{number * 0.01:06.3f}", *fields, ""])
    text = f"8=FIX.4.2{SOH}9={len(body)}{SOH}{body}"
    return f"{text}10={sum(text.encode()) % 256:03d}{SOH}"


def report(order, number, kind, *fields):
    """An ExecutionReport of FIX 4.2: ExecType and OrdStatus, 150 and 39, are `kind`."""
    return message("8", number, f"37=o{order}", f"11=c{order}", f"17=e{number}", "20=0",
                   f"150={kind}", f"39={kind}", "55=600570", "54=1", "38=100", "44=48.25", *fields)


def session():
    """Lives of ORDERS orders: every fifth is cancelled, the others are filled in two parts."""
    log = []
    for order in range(ORDERS):
        def add(make, *arguments):
            log.append(make(*arguments[:1], len(log) + 1, *arguments[1:]))

        add(message, "D", f"11=c{order}", "21=1", "55=600570", "54=1", "60=20260522-01:30:00",
            "38=100", "40=2", "44=48.25")
        add(report, order, "0", "32=0", "31=0", "151=100", "14=0", "6=0")
        if order % 5 == 0:
            add(message, "F", f"41=c{order}", f"11=x{order}", "55=600570", "54=1",
                "60=20260522-01:30:00")
            add(report, order, "4", "32=0", "31=0", "151=0", "14=0", "6=0")
        else:
            add(report, order, "1", "32=40", "31=48.25", "151=60", "14=40", "6=48.25")
            add(report, order, "2", "32=60", "31=48.20", "151=0", "14=100", "6=48.22")
    return log + [message("0", len(log) + 1)]


class FixLogs(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="systask-")
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def log(self, name, lines):
        file = self.folder / name
        file.write_text("\n".join(lines) + "\n")
        return file

    def drill(self, file, *more):
        done = systask("drill", "--from", file, "--plans", 6, "--sites", 2, "--kills", 1, "--json",
                       *more, directory=self.folder, timeout=60)
        self.assertEqual(0, done.returncode, done.stdout + done.stderr)
        return json.loads(done.stdout)

    def test_a_session_goes_through_a_kill_whatever_separates_its_fields(self):
        plain = self.drill(self.log("soh.log", session()))
        self.assertEqual((0, 0, 0), (plain["lost"], plain["doubled"], plain["out_of_order"]))
        piped = self.log("pipe.log", ["2026-05-22 09:30:00 INFO " + one.replace(SOH, "|")
                                      for one in session()])
        self.assertEqual(plain["digest"], self.drill(piped, "--format", "fix")["digest"])

    def test_a_survey_counts_what_is_skipped_and_names_its_first_line(self):
        file = self.log("broken.log", [*session(), "no message", session()[0].replace("38=", "39=")])
        done = systask("flow", "--survey", "--from", file, directory=self.folder)
        self.assertEqual(0, done.returncode, done.stderr)
        said = done.stdout + done.stderr
        self.assertIn(f"{ORDERS} NewOrderSingle (D), first on line 1", " ".join(said.split()))
        self.assertIn("Heartbeat (0)", said)
        self.assertIn(f"first on line {len(session()) + 1}", said)
        self.assertIn(f"first on line {len(session()) + 2}", said)

    def test_a_wrong_format_is_refused(self):
        file = self.log("soh.log", session())
        done = systask("flow", "--survey", "--from", file, "--format", "csv",
                       directory=self.folder)
        self.assertNotEqual(0, done.returncode)
        self.assertIn("--format fix", done.stderr)


if __name__ == "__main__":
    unittest.main()
