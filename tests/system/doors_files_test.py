"""What a hostile reader, page, file or environment does to the doors, and what it must not do:
answers that nobody takes, bodies without an end, lists of characters that nobody sees, devices."""

import fcntl
import json
import os
import re
import socket
import unittest
from pathlib import Path

from bystander import BystanderTest
from harness import (DEADLINE, SANITIZED, SECRETS, TASKS, Service, SystemTest, config_text,
                     systask)
from peer import Site

# Commands to a terminal, what turns the direction of a line, another end of a line, no width.
UNSEEN = "\x1b[31m\x9b\u202e\u2028\u061c\u200b\ufeff\x7f"
UNSEEN_ONE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e"
                        "\u2060-\u206f\ufeff]")
MOST_MEMORY = 600 << 20
SET_PIPE_SIZE = 1031  # fcntl.F_SETPIPE_SZ, which older Pythons do not name


class Readers(BystanderTest):
    def resident(self):
        text = Path(f"/proc/{self.service.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", text)[1]) << 10

    def sent(self, text):
        """A connection whose other end takes almost nothing; what is answered waits."""
        one = socket.socket()
        self.addCleanup(one.close)
        one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        one.settimeout(DEADLINE)
        one.connect(("127.0.0.1", self.port))
        one.sendall(text.replace("\n", "\r\n").encode())
        return one

    def metric(self, name):
        text = self.service.http("GET", "/metrics")[1]
        return float(re.search(rf"^systask_{re.escape(name)} (\S+)$", text, re.MULTILINE)[1])

    def test_answers_that_nobody_takes_are_bounded(self):
        for number in range(1100):
            self.feed.publish("stp.api.realdeal", {"unknown": number, "x": "y" * 4000})
        self.feed.wait_acked()
        status, _, headers = self.service.http("GET", "/api/quarantine")
        self.assertEqual(200, status)
        self.assertGreater(int(headers["Content-Length"]), 4 << 20)
        ask = "GET /api/quarantine HTTP/1.1\nHost: localhost\n\n"
        heads = [one.recv(400).decode()
                 for one in [self.sent(ask) for _ in range(40)]]
        refused = [head for head in heads if head.startswith("HTTP/1.1 503")]
        self.assertGreater(len(refused), 10)
        self.assertGreater(len(heads), len(refused))
        for head in refused:
            self.assertIn("\r\nRetry-After: 1\r\n", head)
            self.assertIn("slow readers", head)
        self.assertLess(self.resident(), MOST_MEMORY * (3 if SANITIZED else 1))
        self.assertEqual(200, self.service.http("GET", "/healthz")[0])
        self.assertEqual(len(refused), self.metric('http_refused_total{by="answers"}'))
        self.assert_nobody_noticed()

    def test_bodies_that_never_come_keep_no_small_one_out(self):
        head = ("POST /api/plans HTTP/1.1\nHost: localhost\nContent-Type: application/json\n"
                "Expect: 100-continue\nContent-Length: 1048576\n\n")
        heads = [one.recv(400).decode() for one in [self.sent(head) for _ in range(66)]]
        self.assertEqual(64, sum(head.startswith("HTTP/1.1 100") for head in heads))
        self.assertEqual(2, sum(head.startswith("HTTP/1.1 503") for head in heads))
        status, answer, _ = self.service.http("POST", "/api/tasks/expire-sites/pause",
                                              {"reason": "x"})
        self.assertEqual(200, status, answer)
        self.assertEqual(2, self.metric('http_refused_total{by="bodies"}'))
        self.service.http("POST", "/api/tasks/expire-sites/resume", {"reason": "x"})
        self.assert_nobody_noticed()


class Requests(BystanderTest):
    def test_head_options_and_date(self):
        for path in ("/healthz", "/api/plans", "/metrics"):
            got, head = (self.service.http(method, path) for method in ("GET", "HEAD"))
            self.assertEqual((200, ""), head[:2], path)
            self.assertEqual(got[2]["Content-Type"], head[2]["Content-Type"])
            self.assertRegex(head[2]["Date"], r"^\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT$")
        status, _, headers = self.service.http("OPTIONS", "/api/plans")
        self.assertEqual((204, "GET, POST, HEAD, OPTIONS"), (status, headers["Allow"]))
        self.assertNotIn("Content-Length", headers)
        status, _, headers = self.service.http("DELETE", "/api/tasks/expire-sites/pause")
        self.assertEqual((405, "POST, OPTIONS"), (status, headers["Allow"]))

    def test_every_operation_refuses_what_it_does_not_know(self):
        document = self.service.get("/api/openapi.json")
        self.assertIn("/healthz", document["paths"])
        for path, item in document["paths"].items():
            asked = re.sub(r"\{[a-z]+\}", "1", path)
            for method in item:
                body = None if method == "get" else {}
                with self.subTest(path=path, method=method):
                    status, answer, _ = self.service.http(method.upper(), f"{asked}?limt=3", body)
                    self.assertEqual(400, status, answer)
                    self.assertIn("'limt' is no parameter of", answer["detail"])
                    if method == "get":
                        continue
                    for body, words in (('{"reson":"x"}', "'reson' is no member of the body"),
                                        ('{"reason":"x","reason":"y"}', "'reason' twice")):
                        status, answer, _ = self.service.http("POST", asked, body)
                        self.assertEqual(400, status, answer)
                        self.assertIn(words, answer["detail"])
        self.assertEqual([], self.service.get("/api/holds"))
        self.assertIn("did you mean 'limit'?",
                      self.service.http("GET", "/api/plans?limt=3")[1]["detail"])

    def test_a_frame_says_each_member_once_and_others_are_ignored(self):
        plan = {"name": "one", "strategy": "follow", "environment": "prod", "parameters": {},
                "colour": "red", "details": [{"market_no": 1, "stock_code": "600570", "colour": 1,
                                              "entrust_direction": 1, "quantity": 100}]}
        self.feed.ask("subscribe", {"topics": ["asset.algo.scheme_new_answer"]})
        self.feed.publish("stp.api.scheme_new", {**plan, "message_id": "n1"})
        self.feed.wait_for(lambda: [one for one in self.feed.frames if "topic" in one], "an answer")
        self.assertIn("plan", next(one for one in self.feed.frames if "topic" in one)["body"])
        site = self.bystander
        epoch = site.lines[self.plan].epoch
        self.assertIn("time", site.ask("heartbeat", {"colour": "red"}))
        twice = '{"id":900,"name":"plan_state","plan":%d,"plan":%d,"epoch":%d}'
        site.send(twice % (self.plan, self.plan, epoch))
        self.refused("BAD_REQUEST", lambda: site.answer(900))
        site.send('{"id":901,"name":"open_orders","plan":%d,"epoch":%d,"body":{"after":0,"after":1}}'
                  % (self.plan, epoch))
        self.assertIn("twice", self.refused("BAD_REQUEST", lambda: site.answer(901))["message"])
        self.assert_nobody_noticed()

    def test_lengths_have_an_end_and_what_is_kept_is_whole(self):
        def tried(status, path, body):
            found, answer, _ = self.service.http("POST", path, body)
            self.assertEqual(status, found, answer)
            return answer

        pause = "/api/tasks/expire-sites/pause"
        self.assertIn("'reason' has 1001 bytes", tried(400, pause, {"reason": "x" * 1001})["detail"])
        self.assertIn("'actor' has 1002 bytes", tried(
            400, pause, {"reason": "x", "actor": "\u6052" * 334})["detail"])
        tried(200, pause, {"reason": "\u6052" * 333})
        self.assertEqual("\u6052" * 333, self.service.get("/api/tasks/expire-sites")
                         ["paused"]["reason"])
        plan = {"name": "n", "strategy": "follow", "environment": "prod", "parameters": {},
                "details": [{"market_no": 1, "stock_code": "600570", "entrust_direction": 1,
                             "quantity": 100}]}
        for member, value in (("name", "x" * 1001), ("strategy", "x" * 129),
                              ("strategy", "fol\u061clow"), ("environment", "x" * 129),
                              ("parameters", {"x" * 129: "1"}), ("parameters", {"x": "1" * 4097}),
                              ("parameters", {str(number): "1" for number in range(1001)}),
                              ("details", [{**plan["details"][0], "stock_code": "6" * 129}])):
            answer = tried(400, "/api/plans", {**plan, member: value})
            self.assertIn(member if member != "details" else "stock_code", answer["detail"])
        self.assertEqual(1, len(self.service.get("/api/plans")))

    def test_nothing_unseen_is_shown(self):
        self.service.http("POST", "/api/tasks/expire-sites/pause",
                          {"reason": "r" + UNSEEN, "actor": "a" + UNSEEN})
        plan = self.service.create_plan(name="p" + UNSEEN, parameters={"k": "v" + UNSEEN})
        self.feed.publish("stp.api.realdeal", {"x": UNSEEN, "message_id": "m" + UNSEEN})
        self.feed.wait_acked()
        number = self.service.get("/api/quarantine")[0]["no"]
        asked = ((("tasks",), 0), (("holds",), 0), (("audit",), 0), (("status",), 0),
                 (("plans",), 0), (("plans", plan), 0), (("quarantine",), 0),
                 (("quarantine", "show", number), 0), (("run", "t" + UNSEEN, "--reason", "x"), 1),
                 (("plans", UNSEEN), 2), ((UNSEEN,), 2))
        for words, status in asked:
            with self.subTest(words=words):
                shown = self.service.cli(*words)
                self.assertEqual(status, shown.returncode, shown.stderr)
                self.assertNotRegex(shown.stdout + shown.stderr, UNSEEN_ONE)
                if status == 0:
                    shown = self.service.cli(*words, "--json")
                    self.assertNotRegex(shown.stdout, UNSEEN_ONE)
                    json.loads(shown.stdout)
        for words in (("check", UNSEEN), ("flow", "--from", UNSEEN), ("drill", "--from", UNSEEN)):
            shown = self.service.systask(*words)
            self.assertNotEqual(0, shown.returncode)
            self.assertIn("[31m", shown.stderr)
            self.assertNotRegex(shown.stderr, UNSEEN_ONE)
        self.assertNotRegex(self.service.log.read_text(), UNSEEN_ONE)


class Logs(SystemTest):
    def again(self, service, preexec):
        """Starts it on the port it had: its log goes elsewhere and tells none."""
        service.stop()
        service.config.write_text(config_text(listen=f"127.0.0.1:{service.port}"))
        service.start(preexec=preexec, port=service.port)

    def test_a_log_that_nobody_reads_delays_nobody(self):
        service = self.serve()
        reader, writer = os.pipe()
        self.addCleanup(os.close, reader)
        fcntl.fcntl(writer, SET_PIPE_SIZE, 4096)
        self.again(service, lambda: os.dup2(writer, 2))
        os.close(writer)
        site = self.peer(Site(service.port, "A", "secret-of-a"))
        for number in range(100):      # each writes a line of more than a hundred bytes
            service.http("GET", "/", headers={"Host": f"evil-{number}.example"})
            self.assertIn("time", site.ask("heartbeat"))
        self.assertEqual(200, service.http("GET", "/healthz")[0])
        self.assertIsNone(site.closed)
        self.assertEqual(0, service.stop())

    def test_descriptors_that_were_closed_are_opened(self):
        service = self.serve()
        self.again(service, lambda: [os.close(one) for one in (0, 1, 2)])
        for one in (0, 1, 2):
            self.assertEqual("/dev/null", os.readlink(f"/proc/{service.process.pid}/fd/{one}"))
        for _ in range(20):
            service.http("GET", "/", headers={"Host": "evil.example"})
        self.assertEqual(200, service.http("GET", "/readyz")[0])
        self.assertEqual(0, service.stop())

    def test_output_that_cannot_be_written_is_a_failure(self):
        service = self.serve()
        for words in (("tasks", "--connect", f"127.0.0.1:{service.port}"), ("--help",),
                      ("check", service.config)):
            with open("/dev/full", "wb") as full:
                answer = systask(*words, directory=service.directory, stdout=full)
            self.assertEqual(1, answer.returncode, words)
            self.assertIn("could not be written", answer.stderr)


class Files(unittest.TestCase):
    def service(self, **settings):
        """One that is not started: its directory and configuration."""
        service = Service(**settings)
        self.addCleanup(service.__exit__)
        return service

    def test_devices_are_no_files(self):
        service = self.service()
        (service.directory / "body.sql").symlink_to("/dev/zero")
        service.config.write_text(config_text(
            tasks=TASKS + '  - {id: 9, name: q, priority: 2, at: "09:00", run: {sql: '
            "{file: body.sql}}}\n"))
        for words, why in ((("check", "/dev/zero"), "neither a file nor a pipe"),
                           (("check", service.config), "tasks.q.run.sql.file"),
                           (("serve", "/dev/random"), "neither a file nor a pipe"),
                           (("flow", "--from", "/dev/zero"), "neither a file nor a pipe"),
                           (("flow", "--from", "/dev/null"), "neither a file nor a pipe"),
                           (("drill", "--from", "/dev/zero"), "neither a file nor a pipe"),
                           (("quarantine", "edit", "1", "--reason", "x", "--file", "/dev/zero"),
                            "neither a file nor a pipe"),
                           (("tasks", "--token-file", "/dev/zero"), "no token can be read")):
            with self.subTest(words=words):
                answer = service.systask(*words)
                self.assertIn(answer.returncode, (1, 2))
                self.assertIn(why, answer.stdout + answer.stderr)

    def test_secrets_of_mode_0400_are_good_and_others_may_not_read_them(self):
        with self.service(secrets=SECRETS) as service:
            secrets = service.directory / "service.secrets"
            service.stop()
            secrets.chmod(0o400)
            service.start()
            service.stop()
            for mode in (0o440, 0o604, 0o644):
                secrets.chmod(mode)
                answer = service.systask("serve", service.config)
                self.assertEqual(1, answer.returncode)
                self.assertIn(f"has mode {mode:04o}", answer.stderr)

    def test_it_listens_by_name_and_says_where_in_brackets(self):
        with self.service(config=config_text(listen="localhost:0")) as service:
            self.assertEqual(200, service.http("GET", "/healthz")[0])
        service = self.service(config=config_text(listen='"[::1]:1"'))
        answer = service.systask("check", service.config)
        self.assertIn("listening on [::1]:1", answer.stdout)
        answer = service.systask("tasks", "--connect", "[::1]:1")
        self.assertEqual(1, answer.returncode)
        self.assertIn("http://[::1]:1/api/tasks", answer.stderr)
        service.config.write_text(config_text(listen='"[::1]"'))
        self.assertEqual(2, service.systask("check", service.config).returncode)

    def test_programs_get_what_is_named_and_topics_of_the_platform_are_no_tasks(self):
        tasks = TASKS + """  - {id: 9, name: env, priority: 2, at: "09:00", run: {exec: [/usr/bin/env]}}
  - {id: 10, name: pub, priority: 2, at: "09:00", parameters: {topic: day.x},
     run: {publish: {topic: "{topic}", body: "{}"}}}
"""
        config = config_text(tasks=tasks, extra="  environment: [PASSED_ON]\n")
        with self.service(config=config, environment={
                "PASSED_ON": "yes", "API_KEY": "hidden", "LD_LIBRARY_PATH": "/x"}) as service:
            _, answer, _ = service.http("POST", "/api/tasks/env/run", {"reason": "x"})
            printed = service.get(f"/api/runs/{answer['run']}")["output"][0]["text"]
            names = {line.partition("=")[0] for line in printed.splitlines()}
            self.assertLessEqual({"PASSED_ON", "PATH", "SYSTASK_TASK"}, names)
            self.assertFalse({"API_KEY", "LD_LIBRARY_PATH", "SYSTASK_BINARY"} & names)
            for topic, outcome in (("day.x", "succeeded"), ("asset.algo.realdeal", "failed"),
                                   ("asset.algo", "failed"), ("", "failed"),
                                   ("x" * 129, "failed")):
                body = {"reason": "x", "parameters": {"topic": topic}}
                _, answer, _ = service.http("POST", "/api/tasks/pub/run", body)
                self.assertEqual(outcome, answer["outcome"], answer)
            for topic in ("asset.algo.realdeal", "", "x" * 129):
                service.config.write_text(config.replace('"{topic}"', f'"{topic}"'))
                answer = service.systask("check", service.config)
                self.assertEqual(2, answer.returncode, topic[:40])
                self.assertIn("tasks.pub.run.publish.topic", answer.stdout + answer.stderr)


if __name__ == "__main__":
    unittest.main()
