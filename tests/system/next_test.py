"""`systask next --batch` against answers worked out by hand (check 6)."""

import unittest

from harness import systask

UTC = "UTC"
NEW_YORK = "America/New_York"        # an hour on 2026-03-08 at 2, back on 2026-11-01 at 2
LORD_HOWE = "Australia/Lord_Howe"    # half an hour: back on 2026-04-05 at 2, on 2026-10-04 at 2
SANTIAGO = "America/Santiago"        # at midnight: back on 2026-04-05 at 0, on 2026-09-06 at 0
MAY = "2026-05-22T00:00:00Z"         # a Friday

# expression, zone, from, the next times
QUARTZ = [
    ("0 0 8 * * ?", "Asia/Shanghai", MAY, "2026-05-23T08:00:00+08:00 2026-05-24T08:00:00+08:00"),
    ("0 0/1 *,0-9 * * ?", UTC, MAY, "2026-05-22T00:01:00Z 2026-05-22T00:02:00Z"),
    ("*/2 * * * * ?", UTC, MAY, "2026-05-22T00:00:02Z 2026-05-22T00:00:04Z"),
    ("0 0 22-2 * * ?", UTC, "2026-05-22T00:30:00Z",
     "2026-05-22T01:00:00Z 2026-05-22T02:00:00Z 2026-05-22T22:00:00Z 2026-05-22T23:00:00Z "
     "2026-05-23T00:00:00Z"),
    ("0 0 9 ? * MON-FRI", UTC, "2026-05-22T09:00:00Z", "2026-05-25T09:00:00Z 2026-05-26T09:00:00Z"),
    ("0 0 9 ? * FRI-MON", UTC, "2026-05-22T09:00:00Z",
     "2026-05-23T09:00:00Z 2026-05-24T09:00:00Z 2026-05-25T09:00:00Z 2026-05-29T09:00:00Z"),
    ("0 0 12 ? * 2", UTC, MAY, "2026-05-25T12:00:00Z 2026-06-01T12:00:00Z"),
    ("0 0 12 1 * 2", UTC, MAY, "2026-05-25T12:00:00Z 2026-06-01T12:00:00Z 2026-06-08T12:00:00Z"),
    ("0 0 12 L * ?", UTC, "2026-01-31T12:00:00Z",
     "2026-02-28T12:00:00Z 2026-03-31T12:00:00Z 2026-04-30T12:00:00Z"),
    ("0 0 12 L-3 * ?", UTC, "2026-02-01T00:00:00Z", "2026-02-25T12:00:00Z 2026-03-28T12:00:00Z"),
    ("0 0 12 LW * ?", UTC, "2026-02-01T00:00:00Z",
     "2026-02-27T12:00:00Z 2026-03-31T12:00:00Z 2026-04-30T12:00:00Z 2026-05-29T12:00:00Z"),
    ("0 0 9 15W * ?", UTC, "2026-02-01T00:00:00Z",
     "2026-02-16T09:00:00Z 2026-03-16T09:00:00Z 2026-04-15T09:00:00Z"),
    ("0 0 9 15W 8 ?", UTC, MAY, "2026-08-14T09:00:00Z"),
    ("0 0 9 1W 8 ?", UTC, MAY, "2026-08-03T09:00:00Z"),
    ("0 0 9 ? * 6L", UTC, MAY, "2026-05-29T09:00:00Z 2026-06-26T09:00:00Z"),
    ("0 0 9 ? * FRIL", UTC, MAY, "2026-05-29T09:00:00Z 2026-06-26T09:00:00Z"),
    ("0 0 9 ? * 2#1", UTC, MAY, "2026-06-01T09:00:00Z 2026-07-06T09:00:00Z"),
    ("0 0 9 ? * FRI#5", UTC, MAY, "2026-05-29T09:00:00Z 2026-07-31T09:00:00Z 2026-10-30T09:00:00Z"),
    ("0 0 0 6,15,LW * ?", UTC, "2026-05-01T00:00:00Z",
     "2026-05-06T00:00:00Z 2026-05-15T00:00:00Z 2026-05-29T00:00:00Z"),
    ("0 0 0 20-5/5 * ?", UTC, "2026-05-19T00:00:00Z",
     "2026-05-20T00:00:00Z 2026-05-25T00:00:00Z 2026-05-30T00:00:00Z 2026-06-04T00:00:00Z"),
    ("0 0 0 29 2 ?", UTC, MAY, "2028-02-29T00:00:00Z 2032-02-29T00:00:00Z"),
    ("0 0 0 1 1 ? 2030/5", UTC, MAY, "2030-01-01T00:00:00Z 2035-01-01T00:00:00Z"),
    ("0 0 0 ? JAN MON 2027-2028", UTC, "2027-01-25T00:00:00Z",
     "2028-01-03T00:00:00Z 2028-01-10T00:00:00Z"),
    ("0 0 0 * * ?", "Pacific/Chatham", MAY, "2026-05-23T00:00:00+12:45"),
    ("30 15 10 * * ?", "Asia/Kolkata", MAY, "2026-05-22T10:15:30+05:30"),
]
UNIX = [
    ("0 12 * * 1", UTC, MAY, "2026-05-25T12:00:00Z 2026-06-01T12:00:00Z"),
    ("0 12 * * 0", UTC, MAY, "2026-05-24T12:00:00Z"),
    ("0 12 * * 7", UTC, MAY, "2026-05-24T12:00:00Z"),
    ("*/20 * * * *", UTC, MAY, "2026-05-22T00:20:00Z 2026-05-22T00:40:00Z 2026-05-22T01:00:00Z"),
    ("0 0 13 * 5", UTC, MAY,
     "2026-05-29T00:00:00Z 2026-06-05T00:00:00Z 2026-06-12T00:00:00Z 2026-06-13T00:00:00Z"),
    ("0 0 */2 * 5", UTC, MAY, "2026-05-29T00:00:00Z 2026-06-05T00:00:00Z 2026-06-19T00:00:00Z"),
    ("30 4 1,15 * 5", UTC, MAY,
     "2026-05-22T04:30:00Z 2026-05-29T04:30:00Z 2026-06-01T04:30:00Z 2026-06-05T04:30:00Z"),
    ("0 0 1 jan *", UTC, MAY, "2027-01-01T00:00:00Z"),
    ("0 9 L * *", UTC, MAY, "2026-05-31T09:00:00Z 2026-06-30T09:00:00Z"),
    ("0 9 * * 5L", UTC, MAY, "2026-05-29T09:00:00Z 2026-06-26T09:00:00Z"),
    ("0 9 * * MON#1", UTC, MAY, "2026-06-01T09:00:00Z 2026-07-06T09:00:00Z"),
]
CLOCK_CHANGES = [
    ("0 30 2 * * ?", NEW_YORK, "2026-03-07T12:00:00-05:00",
     "2026-03-08T03:00:00-04:00 2026-03-09T02:30:00-04:00"),
    ("0 0/30 * * * ?", NEW_YORK, "2026-03-08T01:00:00-05:00",
     "2026-03-08T01:30:00-05:00 2026-03-08T03:00:00-04:00 2026-03-08T03:30:00-04:00"),
    ("0 30 1 * * ?", NEW_YORK, "2026-10-31T12:00:00-04:00",
     "2026-11-01T01:30:00-04:00 2026-11-02T01:30:00-05:00"),
    ("0 0/30 * * * ?", NEW_YORK, "2026-11-01T00:30:00-04:00",
     "2026-11-01T01:00:00-04:00 2026-11-01T01:30:00-04:00 2026-11-01T01:00:00-05:00 "
     "2026-11-01T01:30:00-05:00 2026-11-01T02:00:00-05:00"),
    ("30 1 * * *", NEW_YORK, "2026-11-01T01:30:00-04:00", "2026-11-02T01:30:00-05:00"),
    ("0 45 1 * * ?", LORD_HOWE, "2026-04-04T12:00:00+11:00",
     "2026-04-05T01:45:00+11:00 2026-04-06T01:45:00+10:30"),
    ("0 0/15 * * * ?", LORD_HOWE, "2026-04-05T01:15:00+11:00",
     "2026-04-05T01:30:00+11:00 2026-04-05T01:45:00+11:00 2026-04-05T01:30:00+10:30 "
     "2026-04-05T01:45:00+10:30 2026-04-05T02:00:00+10:30"),
    ("0 15 2 * * ?", LORD_HOWE, "2026-10-03T12:00:00+10:30",
     "2026-10-04T02:30:00+11:00 2026-10-05T02:15:00+11:00"),
    ("0 0 0 * * ?", SANTIAGO, "2026-09-05T12:00:00-04:00",
     "2026-09-06T01:00:00-03:00 2026-09-07T00:00:00-03:00"),
    ("0 30 23 * * ?", SANTIAGO, "2026-04-04T12:00:00-03:00",
     "2026-04-04T23:30:00-03:00 2026-04-05T23:30:00-04:00"),
    ("0 */30 23 * * ?", SANTIAGO, "2026-04-04T12:00:00-03:00",
     "2026-04-04T23:00:00-03:00 2026-04-04T23:30:00-03:00 2026-04-04T23:00:00-04:00 "
     "2026-04-04T23:30:00-04:00"),
]
NEVER = ["0 0 0 29 2 ? 2026", "0 0 0 30 2 ?", "0 0 0 31 4,6,9,11 ?", "0 0 0 1 1 ? 2020",
         "0 0 30 2 *"]
# line, a word of the answer
ERRORS = [
    ("60 * * * * ?\tUTC\t" + MAY + "\t1", "60"),
    ("0 0 24 * * ?\tUTC\t" + MAY + "\t1", "24"),
    ("0 0 0 32 * ?\tUTC\t" + MAY + "\t1", "32"),
    ("0 0 0 ? 13 ?\tUTC\t" + MAY + "\t1", "13"),
    ("0 0 0 ? * 8\tUTC\t" + MAY + "\t1", "8"),
    ("0 0 0 ? * MUN\tUTC\t" + MAY + "\t1", "MUN"),
    ("* * * *\tUTC\t" + MAY + "\t1", "4 fields"),
    ("\tUTC\t" + MAY + "\t1", "fields"),
    ("0 0 8 * * ?\tMars/Olympus\t" + MAY + "\t1", "Mars/Olympus"),
    ("0 0 8 * * ?\tUTC\tyesterday\t1", "yesterday"),
    ("0 0 8 * * ?\tUTC\t" + MAY + "\tmany", "many"),
    ("0 0 8 * * ?\tUTC", "tab"),
]


def batch(lines, *options):
    """The answers, one a line; the command itself always succeeds."""
    result = systask("next", "--batch", *options, stdin="".join(line + "\n" for line in lines))
    assert result.returncode == 0, result.stderr
    return result.stdout.splitlines()


class Next(unittest.TestCase):
    maxDiff = None

    def assert_answers(self, table, *options):
        lines = [f"{expression}\t{zone}\t{start}\t{len(answer.split())}"
                 for expression, zone, start, answer in table]
        answers = batch(lines, *options)
        self.assertEqual(len(table), len(answers))
        wrong = [f"{line!r}\n  found    {found}\n  expected {answer}"
                 for line, (*_, answer), found in zip(lines, table, answers) if found != answer]
        self.assertEqual([], wrong, "\n" + "\n".join(wrong))

    def test_six_and_seven_fields(self):
        self.assert_answers(QUARTZ)

    def test_five_fields(self):
        self.assert_answers(UNIX)

    def test_clock_changes(self):
        self.assert_answers(CLOCK_CHANGES)

    def test_other_rules_of_clock_changes(self):
        before = "2026-03-07T12:00:00-05:00"
        self.assert_answers([("0 30 2 * * ?", NEW_YORK, before, "2026-03-08T03:30:00-04:00")],
                            "--dst-gap", "shift")
        self.assert_answers([("0 30 2 * * ?", NEW_YORK, before, "2026-03-09T02:30:00-04:00")],
                            "--dst-gap", "skip")
        before = "2026-10-31T12:00:00-04:00"
        self.assert_answers([("0 30 1 * * ?", NEW_YORK, before,
                              "2026-11-01T01:30:00-04:00 2026-11-01T01:30:00-05:00")],
                            "--dst-overlap", "both")
        self.assert_answers([("0 0/30 * * * ?", NEW_YORK, "2026-11-01T01:00:00-04:00",
                              "2026-11-01T01:30:00-04:00 2026-11-01T02:00:00-05:00")],
                            "--dst-overlap", "first")

    def test_never(self):
        answers = batch([f"{expression}\tUTC\t{MAY}\t3" for expression in NEVER])
        self.assertEqual(["never"] * len(NEVER), answers)

    def test_errors(self):
        answers = batch([line for line, _ in ERRORS])
        self.assertEqual(len(ERRORS), len(answers))
        for (line, word), answer in zip(ERRORS, answers):
            self.assertTrue(answer.startswith("error: "), (line, answer))
            self.assertIn(word, answer)

    def test_one_expression_and_one_task(self):
        result = systask("next", "--cron", "0 0 8 * * ?", "--zone", "Asia/Shanghai", "--from", MAY,
                         "--count", 2)
        self.assertEqual(0, result.returncode, result.stderr)
        self.assertIn("2026-05-23T08:00:00+08:00", result.stdout)
        wrong = systask("next", "--cron", "0 0 25 * * ?")
        self.assertNotEqual(0, wrong.returncode)
        self.assertIn("25", wrong.stderr)


if __name__ == "__main__":
    unittest.main()
