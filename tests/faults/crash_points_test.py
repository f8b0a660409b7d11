"""The service ends at every named point, just before and just after each kind of commit, send and
write, under a drill that judges by what sites and order system saw; alone and in pairs."""

import itertools
import os
import unittest

from faults import NIGHTLY, SANITIZED, WHY_NOT, dice, drill, points, side_by_side

# What a drill does not come by: the kind, and the test that ends the service there.
ELSEWHERE = {
    "commit.archive": "day_test", "commit.day": "day_test", "file.backup-write": "day_test",
    "file.backup-done": "day_test", "file.database-write": "day_test",
    "file.database-sync": "day_test", "send.order-cancel": "scene_test",
    "send.release": "scene_test", "send.publication": "scene_test", "send.done": "scene_test",
    "send.error": "scene_test",
}
# Messages wait for seconds where a killed site is the only one, and hardly where there is another.
ONE_SITE = {"commit.cache", "commit.replay", "send.cached"}
PAIRS = 12
TRIES = 8


def of_drills():
    return [one for one in points() if one.rsplit(".", 1)[0] not in ELSEWHERE]


def sites_for(*named):
    return 1 if any(one.rsplit(".", 1)[0] in ONE_SITE for one in named) else 2


@unittest.skipIf(SANITIZED, WHY_NOT)
class CrashPoints(unittest.TestCase):
    def assert_right(self, done):
        self.assertEqual([], done.wrong, f"{done.at} died at {done.crashes}; again: {done.command}")
        # The drill may be over before it sees the last of them.
        self.assertGreaterEqual(len(done.crashes), sum(
            one["target"] == "service" for one in done.verdict["kills"]))

    def baseline(self, seed):
        """How often each point is passed where nothing ends."""
        quiet = drill(seed=seed)
        self.assert_right(quiet)
        self.assertEqual([], quiet.crashes)
        return quiet.passings

    def passed(self, counts, point, chance):
        """The passing to end at: the first, or one of the later ones that will surely come."""
        return chance.randint(2, counts[point] // 2) if counts[point] > 3 else 1

    def end_at(self, point, passing, seed):
        """A drill that ends there. Chance may not take it there: then it is tried again."""
        for more in range(TRIES):
            done = drill([f"{point}:{passing}"], seed=seed + more, sites=sites_for(point))
            if done.crashes or done.wrong:
                break
            passing = max(1, passing // 2)
        return done

    def test_each_alone(self):
        chance = dice("crash points, each alone")
        seed = chance.randrange(1 << 20)
        counts = self.baseline(seed)
        chosen = []
        for point in of_drills():
            later = self.passed(counts, point, chance)
            # By night the first passing and a later one; by day one of the two, by chance.
            both = sorted({1, later})
            chosen += [(point, one) for one in (both if NIGHTLY else [chance.choice(both)])]
        jobs = [lambda point=point, passing=passing: self.end_at(point, passing, seed)
                for point, passing in chosen]
        for (point, passing), done in zip(chosen, side_by_side(jobs)):
            with self.subTest(point=point, passing=passing):
                self.assert_right(done)
                self.assertTrue(done.crashes, f"{point} was never passed: {done.command}")

    def test_in_pairs(self):
        """The service started after the first end ends as well."""
        chance = dice("crash points, in pairs")
        seed = chance.randrange(1 << 20)
        pairs = list(itertools.product(of_drills(), repeat=2))
        wanted = int(os.environ.get("SYSTASK_PAIRS", len(pairs) if NIGHTLY else PAIRS))
        chosen = chance.sample(pairs, wanted)
        jobs = [lambda pair=pair: drill([f"{one}:1" for one in pair], seed=seed,
                                   sites=sites_for(*pair))
                for pair in chosen]
        twice = 0
        for pair, done in zip(chosen, side_by_side(jobs)):
            with self.subTest(pair=pair):
                self.assert_right(done)
                twice += len(done.crashes) == 2
        print(f"{wanted} pairs, both ends reached in {twice}")
        self.assertGreater(twice, wanted // 3, "most second points are reached as well")

    def test_every_point_has_its_test(self):
        kinds = {one.rsplit(".", 1)[0] for one in points()}
        self.assertEqual(set(), set(ELSEWHERE) - kinds, "no such kind")
        self.assertEqual(2 * len(kinds), len(points()))


if __name__ == "__main__":
    unittest.main()
