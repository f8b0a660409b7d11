"""README's tour, as a reader pastes it: every block of commands, against the real binary, in a
scratch directory with a port of its own; and what README promises of them.
"""

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import unittest
from pathlib import Path

from harness import (BINARY, DEADLINE, SANITIZED, Service, SystemTest, config_text, systask,
                     until)

TREE = Path(__file__).resolve().parents[2]
README = (TREE / "README.md").read_text()
SECRETS = "".join(f"{peer} secret-of-{peer.split()[1]}\n" for peer in
                  ("site A", "site B", "order_system flow", "client cli"))


def blocks(heading):
    """The blocks of code in this section, in order."""
    section = README.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    return re.findall(r"^```\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)


def commands(block):
    """Its lines as commands; those that go on are joined."""
    return [line.strip() for line in block.replace("\\\n", " ").splitlines() if line.strip()]


DRILLS, PLATFORM, TAKEOVER = blocks("Five minutes")


class Tour(SystemTest):
    def setUp(self):
        """The shipped configuration, as ./dev run leaves it, on a free port."""
        text = (TREE / "tasks.yaml").read_text().replace("127.0.0.1:8787", "127.0.0.1:0")
        self.service = self.serve(config=text, secrets=SECRETS)
        self.folder = self.service.directory
        (self.folder / "docs").mkdir()
        shutil.copy(TREE / "docs" / "session.log", self.folder / "docs")
        binaries = self.folder / "build" / "run"
        binaries.mkdir(parents=True)
        (binaries / "systask").symlink_to(BINARY)
        self.environment = {**os.environ, "SYSTASK_CONNECT": f"127.0.0.1:{self.service.port}",
                            "PATH": f"{binaries}:{os.environ['PATH']}"}
        self.addCleanup(self.end_peers)

    def end_peers(self):
        for file in self.folder.glob("*.pid"):
            try:
                os.kill(int(file.read_text()), signal.SIGKILL)
            except (ProcessLookupError, ValueError):
                pass

    def paste(self, text, timeout=60):
        """What a shell prints of it, both streams; a peer that it leaves running goes on."""
        log = self.folder / "pasted.log"
        with log.open("w") as out:
            done = subprocess.run(["bash", "-eu", "-c", text], cwd=self.folder, stdout=out,
                                  stderr=out, env=self.environment, check=False,
                                  timeout=timeout * (4 if SANITIZED else 1))
        self.assertEqual(0, done.returncode, log.read_text())
        return log.read_text()

    def plans(self):
        return self.service.get("/api/plans")

    def test_the_plan_goes_on_at_the_other_site(self):
        # The flow is told apart from the sites only here: README ends it with its shell.
        self.paste(PLATFORM.replace("--name flow &", "--name flow & echo $! > flow.pid;"))
        plan = until(lambda: [one for one in self.plans() if one["status_name"] == "running"],
                     "the plan runs")[0]
        self.assertIn(plan["site"], ("A", "B"))
        shown = self.paste(TAKEOVER)
        other = {"A": "B", "B": "A"}[plan["site"]]
        moved = until(lambda: [one for one in self.plans() if one["site"] == other
                               and one["status_name"] == "running"], "it runs at the other", 30)
        self.assertEqual(plan["plan"], moved[0]["plan"])
        attempt = until(lambda: [one for one in self.service.get("/api/recoveries")
                                 if one["phase"] == "recovered"], "the takeover is recorded")[0]
        self.assertEqual((plan["site"], other), (attempt["from_site"], attempt["to_site"]))
        self.assertIn("demo", shown)
        self.assertIn("noticed_at", shown)

    def test_the_examples_of_a_new_plan_trade(self):
        self.paste(PLATFORM.split("systask plan create")[0].replace("--strategies twap ", "")
                   .replace("--name flow &", "--name flow & echo $! > flow.pid;"))
        text = systask("plan", "create", "--help").stdout
        examples = text[text.index("Examples:"):].splitlines()[1:]
        for command in commands("\n".join(examples)):
            self.paste(command)
        made = self.plans()
        self.assertEqual(2, len(made))
        until(lambda: all(one["status_name"] == "running" for one in self.plans()),
              "both run", 30)
        twap = next(one["plan"] for one in made if one["strategy"] == "twap")
        until(lambda: self.service.get(f"/api/orders?plan={twap}"), "the first one trades", 30)
        self.assertNotIn("failed", {one["status_name"] for one in self.plans()})

    def test_each_command_of_the_text_works(self):
        shutil.copy(self.folder / "tasks.yaml", self.folder / "new.yaml")
        text = README.split("\nAnd around it:", 1)[1].split("\n\n", 1)[0].replace("\n", " ")
        told = [one for one in re.findall(r"`([^`]+)`", text) if " " in one]
        self.assertGreater(len(told), 6)
        for command in told:
            self.paste(command.replace("127.0.0.1:8787", self.environment["SYSTASK_CONNECT"]))


class Drills(unittest.TestCase):
    def test_each_drill_passes(self):
        drills = [one for one in commands(DRILLS) if one.startswith("systask drill")]
        self.assertEqual(3, len(drills))
        for drill in drills:
            done = systask(*shlex.split(drill, comments=True)[1:], directory=TREE, timeout=120)
            self.assertEqual(0, done.returncode, done.stdout + done.stderr)
            self.assertIn("PASSED: lost 0, doubled 0, out of order 0", done.stdout)


class Welcome(SystemTest):
    def test_the_first_lines_reach_the_address_that_is_listened_on(self):
        for listen, ask in (("127.0.0.1:0", "127.0.0.1"), ("0.0.0.0:0", "127.0.0.1"),
                            ('"[::]:0"', "[::1]"), ('"[::1]:0"', "[::1]")):
            with self.subTest(listen):
                self.reaches(listen, ask)

    def reaches(self, listen, ask):
        extra = "  site_timeout: 5s\n  token_file: tokens\n" if "1:" not in listen else ""
        service = Service(config=config_text(listen=listen, **({"extra": extra} if extra else {})))
        self.addCleanup(service.__exit__)
        tokens = service.directory / "tokens"
        tokens.write_text("operator op a-token-of-some-length\n")
        tokens.chmod(0o600)
        with service.log.open("ab") as log:
            service.process = subprocess.Popen([BINARY, "serve", str(service.config)],
                                               cwd=service.directory, stdout=log, stderr=log)
        said = until(lambda: re.search(r"export SYSTASK_CONNECT=(\S+)", service.log.read_text()),
                     "it says where", DEADLINE)[1]
        self.assertTrue(said.startswith(ask + ":"), said)
        token = {"SYSTASK_TOKEN_FILE": str(tokens)} if extra else {}
        done = systask("status", "--json", environment={"SYSTASK_CONNECT": said, **token})
        self.assertEqual(0, done.returncode, done.stderr)
        self.assertTrue(json.loads(done.stdout)["ready"])
        service.stop()


class Terminal(SystemTest):
    def test_no_table_is_wider_than_the_terminal_and_a_pipe_gets_all(self):
        service = self.serve()
        service.create_plan(name="x" * 60) if service.get("/api/sites") else None
        for words in (["tasks"], ["runs"], ["lanes"], ["status"], ["audit"], ["plans"]):
            line = " ".join([shlex.quote(BINARY), *words, "--connect", f"127.0.0.1:{service.port}"])
            shown = subprocess.run(["script", "-qec", f"stty cols 60; {line}", "/dev/null"],
                                   capture_output=True, text=True, timeout=60, check=False,
                                   env={k: v for k, v in os.environ.items() if k != "COLUMNS"})
            if words != ["status"]:
                for row in shown.stdout.replace("\r", "").splitlines():
                    self.assertLessEqual(len(row), 60, (words, row))
        full = service.cli("tasks").stdout
        self.assertNotIn("…", full)
        self.assertIn("recover-plans", full)

    def test_columns_are_members_and_tasks_have_numbers(self):
        service = self.serve()
        until(lambda: service.get("/api/runs?task=5180509")["runs"], "a run, asked for by number")
        for noun in ("tasks", "runs", "lanes", "holds", "alarms", "backfills", "sites", "orders",
                     "plans", "audit"):
            rows = json.loads(service.cli(noun, "--json").stdout)
            rows = rows["runs"] if noun == "runs" else rows
            if not rows:
                continue
            heading = service.cli(noun).stdout.splitlines()[0].split()
            self.assertLessEqual(set(heading), set(rows[0]), noun)
        done = service.cli("run", "90005", "--json")
        self.assertEqual("expire-sites", json.loads(done.stdout)["task"], done.stderr)
        self.assertEqual(0, service.cli("task", "pause", "90005", "--reason", "x").returncode)
        self.assertEqual("expire-sites", service.get("/api/holds")[0]["name"])
        self.assertEqual("task pause", service.get("/api/audit?object=task%2090005")[0]["action"])

    def test_times_are_in_one_zone_or_in_utc(self):
        text = (TREE / "tasks.yaml").read_text().replace("127.0.0.1:8787", "127.0.0.1:0")
        service = self.serve(config=text, secrets=SECRETS)
        until(lambda: service.get("/api/runs")["runs"], "there are runs")
        for words in (["tasks"], ["runs"], ["status"], ["why", "archive-day"],
                      ["next", "--config", service.config]):
            more = [] if words[0] == "next" else ["--connect", f"127.0.0.1:{service.port}"]
            for zone, offset in (([], "+08:00"), (["--utc"], "Z")):
                for form in ([], ["--json"]):
                    said = systask(*words, *more, *zone, *form, directory=service.directory).stdout
                    times = re.findall(r"\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)", said)
                    self.assertEqual({offset}, set(times), (words, zone, said[:300]))


if __name__ == "__main__":
    unittest.main()
