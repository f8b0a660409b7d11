"""Everybody fails, once with one seed; chaos.py takes more of them."""

import unittest

from chaos import Chaos


class ChaosTest(unittest.TestCase):
    def test_nothing_is_lost_doubled_or_reordered(self):
        chaos = Chaos(seed=1, offer=2, faults=14)
        self.assertEqual([], chaos.run())
        for counted, least in (("agrees", 100), ("event", 100), ("reports", 100), ("orders", 30)):
            self.assertGreaterEqual(chaos.counts[counted], least, dict(chaos.counts))


if __name__ == "__main__":
    unittest.main()
