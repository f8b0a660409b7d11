"""Who comes in, what is answered, and what is left behind: pages of others, lists, logs, files."""

import json
import os
import re
import socket
import stat
import unittest

from bystander import BystanderTest
from harness import DEADLINE, TASKS, SystemTest, config_text, until
from peer import Peer
from schemas import Document


class Doors(BystanderTest):
    def said(self, head):
        """All that is answered to a head, and nothing behind it."""
        with socket.create_connection(("127.0.0.1", self.port), DEADLINE) as one:
            one.sendall(head.replace("\n", "\r\n").encode() + b"\r\n\r\n")
            one.settimeout(DEADLINE)
            said = b""
            while (more := one.recv(65536)):
                said += more
        return said.decode()

    def test_pages_of_others_are_refused(self):
        status = "GET /api/status HTTP/1.1\nConnection: close\nHost: "
        self.assertTrue(self.said(status + "localhost").startswith("HTTP/1.1 200"))
        for head in (status + "evil.example", status + "127.0.0.1.evil.example",
                     status + "localhost\nOrigin: http://evil.example",
                     status + "localhost\nOrigin: null",
                     status + "localhost\nSec-Fetch-Site: cross-site",
                     "GET http://evil.example/api/status HTTP/1.1\nHost: localhost",
                     "GET /ws HTTP/1.1\nHost: evil.example\nUpgrade: websocket\n"
                     "Connection: Upgrade\nSec-WebSocket-Version: 13\n"
                     "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="):
            with self.subTest(head=head):
                self.assertTrue(self.said(head).startswith("HTTP/1.1 403"), self.said(head))
        self.assertTrue(self.said(status + f"127.0.0.1:{self.port}.evil.example")
                        .startswith("HTTP/1.1 400"))
        for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
            answer = self.said("POST /api/tasks/expire-sites/pause HTTP/1.1\nHost: localhost\n"
                               f"Connection: close\nContent-Type: {kind}\nContent-Length: 0")
            self.assertTrue(answer.startswith("HTTP/1.1 415"), answer)
        self.assertIsNone(self.service.get("/api/tasks/expire-sites")["paused"])
        self.assert_nobody_noticed()

    def test_no_body_is_the_next_request(self):
        for coding in ("Transfer-Encoding: gzip", "Transfer-Encoding: chunked, identity",
                       "Transfer-Encoding: chunked\nContent-Length: 5",
                       "Content-Length: 0\nContent-Length: 5"):
            answer = self.said(f"POST /api/plans HTTP/1.1\nHost: localhost\n{coding}\n\n"
                               "GET /api/status HTTP/1.1\nHost: localhost")
            self.assertTrue(answer.startswith("HTTP/1.1 400"), answer)
            self.assertEqual(1, len(re.findall("^HTTP/1.1 ", answer, re.MULTILINE)), answer)

    def test_every_answer_is_as_the_document_says(self):
        self.service.http("POST", "/api/tasks/expire-sites/pause", {"reason": "x"})
        self.service.http("POST", "/api/lanes/1/hold", {"reason": "x", "to": "2999-01-01"})
        self.service.http("POST", "/api/tasks/apply-parked/run", {"reason": "x"})
        self.feed.publish("stp.api.realdeal", {"nothing": "that is known"})
        until(lambda: self.service.get("/api/quarantine"), "a message in quarantine")
        document = Document(self.service.get("/api/openapi.json"))
        run = self.service.get("/api/runs")["runs"][0]["run"]
        message = self.service.get("/api/quarantine")[0]["no"]
        known = {"/api/tasks/{name}": "expire-sites", "/api/tasks/{name}/why": "expire-sites",
                 "/api/runs/{id}": run, "/api/plans/{id}": self.plan,
                 "/api/plans/{id}/explain": self.plan, "/api/plans/{id}/trail": self.plan,
                 "/api/quarantine/{no}": message, "/api/backfills/{id}": 1}
        seen = set()
        for path in document.paths("get"):
            asked = path
            if "{" in path:
                begin, end = path.index("{"), path.index("}")
                asked = f"{path[:begin]}{known[path]}{path[end + 1:]}"
            if path.endswith("/why"):
                asked += "?at=now"
            with self.subTest(path=path):
                status, answer, _ = self.service.http("GET", asked)
                self.assertEqual("", document.mismatch("get", path, status, answer))
                if status == 200 and answer:
                    seen.add(path)
        self.assertLessEqual({"/api/orders", "/api/plans", "/api/quarantine", "/api/audit",
                              "/api/holds", "/api/plans/{id}/trail", "/api/sites"}, seen)
        self.assertEqual(sorted(f"{method.upper()} {path}"
                                for path, item in document.document["paths"].items()
                                for method in item), sorted(self.service.get("/api")))

    def test_a_list_goes_on_where_its_page_ends(self):
        for number in range(7):
            self.feed.publish("stp.api.realdeal", {"unknown": number, "x": "y" * 600_000})
        until(lambda: len(self.service.get("/api/quarantine")) == 7, "all in quarantine")
        numbers = []
        path = "/api/quarantine?limit=3"
        while path:
            _, rows, headers = self.service.http("GET", path)
            self.assertTrue(all(row["body"] is None and row["body_bytes"] > 600_000 for row in rows))
            numbers += [row["no"] for row in rows]
            path = headers.get("Link", "").partition(">")[0].lstrip("<")
        self.assertEqual(7, len(set(numbers)))
        self.assertEqual(numbers, sorted(numbers, reverse=True))
        whole = self.service.get(f"/api/quarantine/{numbers[0]}")
        self.assertEqual(600_000, len(whole["body"]["x"]))
        shown = json.loads(self.service.cli("quarantine", "--json").stdout)
        self.assertEqual(numbers, [row["no"] for row in shown])

    def test_what_peers_call_themselves_fills_no_log(self):
        before = self.service.log.stat().st_size
        with Peer(self.port) as peer:
            self.refused("BAD_REQUEST", lambda: peer.ask("login", {"role": "site",
                                                                   "name": "x" * 1_000_000}))
        for _ in range(200):
            with Peer(self.port) as peer:
                self.refused("LOGIN_REFUSED", lambda: peer.login(
                    "site", "\x1b[2J\u202e" + "x" * 60, "no secret"))
        until(lambda: "more within a second" in self.service.log.read_text()[before:],
              "a flood is counted")
        log = self.service.log.read_text()[before:]
        self.assertLess(len(log), 500_000)
        self.assertIn("login refused role=site", log)
        self.assertNotRegex(log, "[\x1b\u202e]")
        self.assert_nobody_noticed()


class Descriptors(SystemTest):
    def test_a_reader_of_the_log_who_goes_does_no_harm(self):
        service = self.serve()
        service.stop()
        reader, writer = os.pipe()

        def into_the_pipe():
            os.dup2(writer, 2)

        port = service.port
        service.config.write_text(config_text(listen=f"127.0.0.1:{port}"))
        os.close(reader)
        service.start(preexec=into_the_pipe, port=port)
        os.close(writer)
        for _ in range(100):
            service.http("GET", "/api/status", headers={"Host": "evil.example"})
        self.assertEqual(200, service.http("GET", "/healthz")[0])

        def dropped():
            text = service.http("GET", "/metrics")[1]
            return float(re.search(r"^systask_log_lines_dropped_total (\S+)$", text,
                                   re.MULTILINE)[1])

        until(dropped, "what nobody can read is counted")

    def test_files_are_their_owners(self):
        tasks = TASKS + "  - {id: 90012, name: backup-database, priority: 2, at: \"03:00\"}\n"
        service = self.serve(config=config_text(tasks=tasks))
        status, answer, _ = service.http("POST", "/api/tasks/backup-database/run", {"reason": "x"})
        self.assertEqual((200, "succeeded"), (status, answer["outcome"]), answer)
        files = [service.database, *service.directory.glob("backup/*.db")]
        self.assertEqual(2, len(files))
        for file in files:
            self.assertEqual(0o600, stat.S_IMODE(file.stat().st_mode), file)


if __name__ == "__main__":
    unittest.main()
