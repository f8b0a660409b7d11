"""`systask drill` as anyone runs it: kills, scenarios, recordings (checks 2, 3 and 8).

SYSTASK_RECORDING names a recording of order lives; where it is absent, its test says so.
"""

import json
import os
import unittest

from harness import systask

RECORDING = os.environ.get("SYSTASK_RECORDING", "")


class Drill(unittest.TestCase):
    def drill(self, *arguments, timeout=60):
        """The verdict. The drill itself must have found nothing wrong."""
        result = systask("drill", "--json", *arguments, timeout=timeout)
        self.assertEqual(0, result.returncode, result.stdout + result.stderr)
        verdict = json.loads(result.stdout)
        self.assertTrue(verdict["ok"], verdict)
        self.assertEqual([], verdict["breaches"])
        self.assertEqual(verdict["flow"]["sent"], verdict["flow"]["acked"])
        self.assertEqual(verdict["plans"], len(verdict["digests"]))
        for wrong in ("lost", "doubled", "out_of_order"):
            self.assertEqual(0, verdict[wrong], verdict)
        return verdict

    def assert_one_kill(self, verdict, signal):
        self.assertEqual([signal], [one["signal"] for one in verdict["kills"]], verdict)
        # A site that a busy machine starves is lost, too, and its plans move as well.
        self.assertGreaterEqual(verdict["takeovers"], verdict["kills"][0]["plans"], verdict)
        # No measurement: a machine under load may be slow. But each phase has its time.
        for phase in ("notice_ms", "choose_ms", "rebuild_ms", "finish_ms", "all_normal_ms"):
            self.assertIsNotNone(verdict["kills"][0][phase], phase)

    def test_a_killed_site(self):
        self.assert_one_kill(self.drill("--plans", 12, "--sites", 3, "--kills", 1,
                                        "--signal", "KILL"), "KILL")

    def test_a_stopped_site(self):
        # Stopped for longer than the 1 s after which a silent site is lost.
        self.assert_one_kill(self.drill("--plans", 12, "--sites", 3, "--kills", 1,
                                        "--signal", "STOP", "--restart-after", "3s"), "STOP")

    def test_a_killed_service(self):
        self.drill("--plans", 12, "--sites", 2, "--service-kills", 2)

    def test_edit_while_down(self):
        self.drill("--scenario", "edit-while-down", "--plans", 6)

    def test_hold_402206(self):
        self.drill("--scenario", "hold-402206", "--plans", 6)

    def test_restart_all(self):
        self.drill("--scenario", "restart-all", "--plans", 6)

    @unittest.skipUnless(os.path.exists(RECORDING), f"no recording at {RECORDING!r}")
    def test_a_recorded_flow(self):
        verdict = self.drill("--from", RECORDING, "--limit", 20000, "--plans", 20, "--sites", 3,
                             "--kills", 2, "--duplicate", 0.01, "--swap", 0.01)
        self.assertGreaterEqual(verdict["flow"]["sent"], 20000)


if __name__ == "__main__":
    unittest.main()
