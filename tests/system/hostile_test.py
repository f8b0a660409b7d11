"""Peers that mean harm, or are badly broken: refused, said in the log, and nobody else is slowed."""

import hashlib
import hmac
import json
import resource
import socket
import struct
import threading
import unittest

from bystander import BystanderTest
from peer import DEADLINE, Peer, Refused, Site
from websocket import CLOSE, PING, TEXT, Closed, WebSocket

CONTINUATION = 0
CONNECTIONS = 4096                 # that the service keeps open at once


class Hostile(BystanderTest):
    def raw(self):
        """A plain socket, and nothing said on it yet."""
        one = socket.create_connection(("127.0.0.1", self.port), DEADLINE)
        self.addCleanup(one.close)
        return one

    def web_socket(self):
        one = WebSocket("127.0.0.1", self.port)
        self.addCleanup(one.cut)
        return one

    def ended(self, one, deadline=DEADLINE):
        """All that the service says before it closes the socket."""
        one.settimeout(deadline)
        said = b""
        try:
            while (more := one.recv(65536)):
                said += more
        except ConnectionResetError:
            pass
        return said

    def close_code(self, one):
        with self.assertRaises(Closed) as closed:
            while True:
                one.receive()
        return closed.exception.code

    def logged(self, *words):
        lines = self.service.log.read_text().splitlines()
        self.assertTrue(any(all(word in line for word in words) for line in lines),
                        f"{words}: not in the log")

    def drip(self, one, byte, period=0.2):
        """Sends a byte again and again, until the service has had enough."""
        given_up = threading.Event()
        self.addCleanup(given_up.set)

        def run():
            while not given_up.wait(period):
                try:
                    one.sendall(byte)
                except OSError:
                    return

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        return thread

    # --- slow ---

    def test_a_header_that_never_ends(self):
        """A slow loris: each byte comes in time, the whole never does."""
        loris = [self.raw() for _ in range(20)]
        for one in loris:
            one.sendall(b"GET /api/plans HTTP/1.1\r\nHost: localhost\r\nX-Slow: ")
        drips = [self.drip(one, b"a") for one in loris]
        self.assert_nobody_noticed()
        for one, thread in zip(loris, drips):
            self.ended(one, 15)
            thread.join(DEADLINE)
            self.assertFalse(thread.is_alive())

    def test_a_body_that_never_comes(self):
        one = self.raw()
        one.sendall(b"POST /api/plans HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n{")
        thread = self.drip(one, b" ")
        self.assert_nobody_noticed()
        self.ended(one, 15)
        thread.join(DEADLINE)
        self.assertFalse(thread.is_alive())

    def test_connections_on_which_nobody_logs_in(self):
        silent = [self.web_socket() for _ in range(20)]
        half = self.web_socket()
        half.send('{"id":1,"name":"login","body":{"role":"site","name":"A"}}')
        self.assertIn("challenge", half.receive())
        self.assert_nobody_noticed()
        for one in [*silent, half]:
            self.close_code(one)

    def test_a_site_that_dribbles_a_frame_is_no_site_that_lives(self):
        """A half-open site: bytes come, a frame never does; its plan goes on elsewhere."""
        site = self.peer(Site(self.port, "A", "secret-of-a", strategies=["lonely"]))
        plan = self.service.create_plan(strategy="lonely")
        site.wait_through(plan, 1)
        taker = self.peer(Site(self.port, "B", "secret-of-b", strategies=["lonely"]))
        site.fall_silent()
        site._socket.send_bytes(bytes([0x80 | TEXT, 0x80 | 127]) + struct.pack("!Q", 1000) +
                                bytes(4))
        self.drip(site._socket._socket, b" ", 0.05)
        taker.rebuild(plan)
        taker.drain_cache(plan)
        self.assertEqual("B", self.service.get(f"/api/plans/{plan}")["site"])
        self.assertEqual("C", self.service.get(f"/api/plans/{self.plan}")["site"])

    # --- too much ---

    def test_a_header_a_body_and_a_message_that_are_too_large(self):
        one = self.raw()
        one.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n" + b"X-Much: " + b"y" * 65536 + b"\r\n\r\n")
        self.assertIn(self.ended(one).split(b" ", 2)[1:2], ([b"431"], [b"400"]))
        one = self.raw()
        one.sendall(b"POST /api/plans HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2000000\r\n\r\n")
        self.assertTrue(self.ended(one).startswith(b"HTTP/1.1 413"))
        pieces = self.web_socket()     # no frame is too long, the message is
        with self.assertRaises(Closed) as closed:
            pieces.send(b'{"id":1,"name":"', TEXT, final=False)
            for _ in range(20):
                pieces.send(b"x" * 65536, CONTINUATION, final=False)
            while True:
                pieces.receive()
        self.assertIn(closed.exception.code, (1009, None))
        self.assert_nobody_noticed()

    def test_thousands_of_connections(self):
        _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        if hard < CONNECTIONS + 1000:
            self.skipTest(f"this machine lets a process open {hard} files, "
                          f"{CONNECTIONS + 1000} are needed")
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        crowd = []
        self.addCleanup(lambda: [one.close() for one in crowd])
        for _ in range(CONNECTIONS + 500):
            crowd.append(socket.create_connection(("127.0.0.1", self.port), DEADLINE))
        # The first of those that are too many are told so, the others closed without a word.
        told = [self.ended(one) for one in crowd[CONNECTIONS:]]
        self.assertTrue(told[0].startswith(b"HTTP/1.1 503"), told[0])
        self.assertEqual(set(), {said[:12] for said in told} - {b"HTTP/1.1 503", b""})
        self.assert_those_inside_go_on()
        self.logged("a connection was refused")
        for one in crowd[:CONNECTIONS]:
            one.close()
        self.until_served()
        self.assert_nobody_noticed()

    def assert_those_inside_go_on(self):
        self.reports.lives(10, 5)
        self.feed.wait_acked()
        self.bystander.wait_through(self.plan, len(self.reports.published) + 1)

    def until_served(self):
        for _ in range(10_000):
            if self.service.http("GET", "/healthz")[0] == 200:
                return
        self.fail("the service serves nobody after the crowd has left")

    def test_a_flood_of_garbage(self):
        """Errors are answered to a peer that does not read them, until it is cut off or done."""
        flood = self.web_socket()
        text = json.dumps({"id": 1, "name": "x" * 1000})
        try:
            for _ in range(20_000):
                flood.send(text)
        except (Closed, socket.timeout):
            pass
        self.assert_nobody_noticed()

    # --- broken frames ---

    def test_frames_that_are_none(self):
        broken = {
            "reserved bits": bytes([0xF0 | TEXT, 0x80]) + bytes(4),
            "unknown opcode": bytes([0x80 | 5, 0x80]) + bytes(4),
            "not masked": bytes([0x80 | TEXT, 2]) + b"{}",
            "long ping": bytes([0x80 | PING, 0x80 | 126]) + struct.pack("!H", 200) + bytes(204),
            "ping in pieces": bytes([PING, 0x80]) + bytes(4),
            "nothing to continue": bytes([0x80 | CONTINUATION, 0x80]) + bytes(4),
            "close of one byte": bytes([0x80 | CLOSE, 0x81]) + bytes(5),
        }
        for what, data in broken.items():
            with self.subTest(what):
                one = self.web_socket()
                one.send_bytes(data)
                self.assertIn(self.close_code(one), (1002, None))
        one = self.web_socket()
        one.send(b'{"id":1,"name":"\xff\xfe"}')
        self.assertIn(self.close_code(one), (1007, None))
        one = self.web_socket()        # a length that nobody has: it waits in vain for a login
        one.send_bytes(bytes([0x80 | TEXT, 0x80 | 127]) + struct.pack("!Q", 1 << 63) + bytes(4))
        self.close_code(one)
        self.assert_nobody_noticed()

    def test_json_that_hurts(self):
        deep = self.web_socket()
        for text in ("[" * 100_000, '{"a":' * 50_000 + "1" + "}" * 50_000, '{"id":1e999}',
                     '{"id":' + "9" * 5000 + "}", '{"id":1,"id":2}', '{"id":"' + "\\u0000" * 9 + '"}'):
            deep.send(text)
            self.assertIn("error", json.loads(deep.receive()), text[:30])
        self.assert_nobody_noticed()

    # --- logins ---

    def proof(self, challenge, name, secret):
        return hmac.new(secret.encode(), f"{challenge}:site:{name}".encode(),
                        hashlib.sha256).hexdigest()

    def test_a_login_that_was_overheard_is_worth_nothing(self):
        heard = self.peer(Peer(self.port))
        challenge = heard.ask("login", {"role": "site", "name": "A"})["challenge"]
        proof = self.proof(challenge, "A", "secret-of-a")
        heard.ask("prove", {"proof": proof, "strategies": ["follow"]})
        again = self.peer(Peer(self.port))
        self.assertNotEqual(challenge,
                            again.ask("login", {"role": "site", "name": "A"})["challenge"])
        self.refused("LOGIN_REFUSED", lambda: again.ask("prove", {"proof": proof}))
        again.wait_closed()
        self.logged("login refused", "name=A", "from=127.0.0.1:")
        self.assertIsNone(heard.closed)
        self.assert_nobody_noticed()

    def test_one_challenge_one_try(self):
        guess = self.peer(Peer(self.port))
        challenge = guess.ask("login", {"role": "site", "name": "A"})["challenge"]
        self.refused("LOGIN_REFUSED", lambda: guess.ask("prove", {"proof": "00" * 32}))
        with self.assertRaises((Refused, Closed)):
            guess.ask("prove", {"proof": self.proof(challenge, "A", "secret-of-a")})
        swapped = self.peer(Peer(self.port))   # asks as A, proves what it knows of B
        challenge = swapped.ask("login", {"role": "site", "name": "A"})["challenge"]
        self.refused("LOGIN_REFUSED", lambda: swapped.ask(
            "prove", {"proof": self.proof(challenge, "B", "secret-of-b")}))
        self.assert_nobody_noticed()

    def test_guessing_in_numbers(self):
        for number in range(200):
            one = self.web_socket()
            one.send('{"id":1,"name":"login","body":{"role":"site","name":"C"}}')
            one.receive()
            one.send(json.dumps({"id": 2, "name": "prove", "body": {"proof": f"{number:064x}"}}))
            self.assertIn("LOGIN_REFUSED", one.receive())
        self.assertNotIn("secret-of-c", self.service.log.read_text())
        self.assert_nobody_noticed()

    def test_a_site_that_speaks_of_others_plans(self):
        thief = self.peer(Site(self.port, "A", "secret-of-a"))
        self.settle()
        before = self.service.get(f"/api/plans/{self.plan}")
        for name, body in (("plan_done", {"request": "cancel"}), ("plan_failed", {"reason": "x"}),
                           ("open_orders", {"after": 0, "limit": 10}), ("cached", {"limit": 10}),
                           ("claim", {"snapshot": 1}), ("finish", {"through": 1}),
                           ("plan_state", None), ("recover_failed", {"reason": "x"}),
                           ("place", {"algo_ordid": "1-1", "market_no": 1, "stock_code": "600570",
                                      "entrust_direction": 1, "entrust_price": "1",
                                      "entrust_amount": 1})):
            with self.subTest(name):
                self.refused("STALE_EPOCH", lambda name=name, body=body: thief.ask(
                    name, body, plan=self.plan, epoch=1))
        self.assertEqual(before, self.service.get(f"/api/plans/{self.plan}"))
        self.assertEqual([], self.feed.orders_out)
        self.assert_nobody_noticed()


if __name__ == "__main__":
    unittest.main()
