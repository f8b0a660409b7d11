"""A drill over a service of which a site hears one lie must fail, and name the message."""

import json
import os
import signal
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

from faults import BINARY, SANITIZED, WHY_NOT
from liar import Liar

RECORDING = Path(__file__).resolve().parents[2] / "docs" / "session.log"
IDLE_LIMIT = 120  # of a drill, which must not be what ends it


def children(pid):
    """Words of the command line -> process, of all children."""
    found = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            if int(status.read_text().rsplit(") ", 1)[1].split()[1]) != pid:
                continue
            words = (status.parent / "cmdline").read_bytes().decode().split("\0")
        except (OSError, IndexError):
            continue
        found[words[1]] = int(status.parent.name)
    return found


@unittest.skipIf(SANITIZED, WHY_NOT)
class Judge(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="systask-liar-")
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def start(self, liar, *arguments):
        return subprocess.Popen(
            [BINARY, "drill", "--json", "--timeout", str(IDLE_LIMIT), *arguments],
            cwd=self.folder, env={**os.environ, **liar.environment}, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def drill(self, lie, *arguments):
        """The verdict of a drill that is told this lie, and what the liar did."""
        with Liar(lie, self.folder) as liar:
            with self.start(liar, "--from", str(RECORDING), "--plans", "3", "--sites", "1",
                            "--speed", "200", *arguments) as drill:
                out, err = drill.communicate(timeout=IDLE_LIMIT)
            self.assertEqual(1, drill.returncode, out + err)
            self.assertTrue(liar.told, "the lie was told\n" + err)
            verdict = json.loads(out)
            self.assertFalse(verdict["ok"])
            self.assertIn("breaches", verdict, out + err)
            return verdict, liar.told

    def named(self, verdict, fault):
        return {one["message_id"] for one in verdict["breaches"] if one["fault"] == fault}

    def test_a_message_that_is_lost(self):
        verdict, told = self.drill("lose")
        self.assertEqual(1, verdict["lost"], verdict["breaches"])
        self.assertEqual(set(told), self.named(verdict, "lost"))

    def test_a_message_that_comes_twice(self):
        verdict, told = self.drill("repeat")
        self.assertEqual(1, verdict["doubled"], verdict["breaches"])
        self.assertEqual(set(told), self.named(verdict, "doubled"))

    def test_two_messages_that_are_swapped(self):
        verdict, told = self.drill("swap")
        self.assertEqual(1, verdict["out_of_order"], verdict["breaches"])
        self.assertLessEqual(self.named(verdict, "out of order"), set(told))

    def test_the_judge_speaks_where_the_flow_never_ends(self):
        with Liar("lose", self.folder) as liar:
            with self.start(liar, "--plans", "2", "--sites", "1", "--window", "3") as drill:
                began = time.monotonic()
                pace = signal.sigtimedwait  # waits for a signal that nobody sends
                while not liar.told and drill.poll() is None:
                    pace([signal.SIGUSR2], 0.02)
                flow = children(drill.pid)["flow"]
                os.kill(flow, signal.SIGSTOP)
                try:
                    out, err = drill.communicate(timeout=IDLE_LIMIT)
                finally:
                    took = time.monotonic() - began
            self.assertEqual(1, drill.returncode, out + err)
            verdict = json.loads(out)
            self.assertEqual(set(liar.told), self.named(verdict, "lost"), err)
            self.assertTrue(any("the flow does not end" in one for one in verdict["notes"]),
                            verdict["notes"])
            self.assertLess(took, IDLE_LIMIT, "it did not wait for its time limit")


if __name__ == "__main__":
    unittest.main()
