"""Mistakes in tasks.yaml are answered all at once, and nothing starts (check 9)."""

import re
import tempfile
import unittest
from pathlib import Path

from harness import SECRETS, config_text, systask

MISTAKES = "  heartbeat: soon\n  colour: blue\n"
TASKS = """tasks:
  - {id: 5180509, name: recover-plans, priority: 1, every: 1s}
  - {id: 90001, name: clear-message-cache, priority: 2, cron: "0 0 25 * * ?"}
  - {id: 90002, name: archive-day, priority: 9, every: 1h}
  - {id: 90003, name: roll-business-day, priority: 2, every: 1h}
"""


class Mistakes(unittest.TestCase):
    def setUp(self):
        self.temporary = tempfile.TemporaryDirectory(prefix="systask-")
        self.addCleanup(self.temporary.cleanup)
        self.directory = Path(self.temporary.name)
        self.config = self.directory / "tasks.yaml"
        secrets = self.directory / "service.secrets"
        secrets.write_text(SECRETS)
        secrets.chmod(0o600)

    def answers(self, text, command):
        """(line, column, text) of every answer; the exit status must be 2."""
        self.config.write_text(text)
        result = systask(command, self.config, directory=self.directory, timeout=10)
        self.assertEqual(2, result.returncode, result.stdout + result.stderr)
        self.assertEqual("", result.stdout)
        self.assertEqual(["service.secrets", "tasks.yaml"],
                         sorted(path.name for path in self.directory.iterdir()))
        found = re.findall(r"tasks\.yaml:(\d+):(\d+): (.*)", result.stderr)
        return [(int(line), int(column), answer) for line, column, answer in found]

    def test_five_mistakes_have_five_answers(self):
        text = config_text(extra=MISTAKES, tasks=TASKS)
        # A word of the line, and one of its answer.
        wanted = [("heartbeat", "soon"), ("colour", "colour"), ("0 0 25", "25"),
                  ("priority: 9", "9"), ("roll-business-day", "roll-business")]
        for command in ("check", "serve"):
            answers = self.answers(text, command)
            self.assertEqual(len(wanted), len(answers), answers)
            lines = text.splitlines()
            for (word, told), (line, column, answer) in zip(wanted, answers):
                self.assertIn(word, lines[line - 1], answer)
                self.assertLessEqual(column, len(lines[line - 1]))
                self.assertIn(told, answer)

    def test_text_that_is_no_yaml(self):
        text = config_text() + "  - {id: 1, name: [\n"
        self.assertGreaterEqual(len(self.answers(text, "serve")), 1)

    def test_a_file_that_is_not_there(self):
        for command in ("check", "serve"):
            result = systask(command, self.config, directory=self.directory)
            self.assertEqual(2, result.returncode)
            self.assertIn("tasks.yaml", result.stderr)

    def test_duplicates_and_cycles(self):
        text = config_text(tasks="""tasks:
  - {id: 1, name: archive-day, priority: 2, every: 1h, after: [clear-message-cache]}
  - {id: 2, name: clear-message-cache, priority: 2, every: 1h, after: [archive-day]}
  - {id: 2, name: recover-plans, priority: 1, every: 1s}
""")
        answers = self.answers(text, "check")
        last = len(text.splitlines())
        self.assertEqual([last - 1, last], [line for line, _, _ in answers], answers)
        self.assertIn("archive-day", answers[0][2])
        self.assertIn("'2'", answers[1][2])

    def test_secrets_that_others_may_read(self):
        self.config.write_text(config_text())
        (self.directory / "service.secrets").chmod(0o644)
        result = systask("serve", self.config, directory=self.directory, timeout=10)
        self.assertNotEqual(0, result.returncode)
        self.assertIn("service.secrets", result.stderr)
        self.assertFalse((self.directory / "systask.db").exists())

    def test_a_right_file(self):
        self.config.write_text(config_text())
        result = systask("check", self.config, directory=self.directory)
        self.assertEqual(0, result.returncode, result.stderr)


if __name__ == "__main__":
    unittest.main()
