"""A strategy site and an order system's feed, written from docs/protocol.md alone.

They share no code with the service or its peers, so what they agree on is the document. Each
peer reads on a thread of its own; whoever waits, waits for a condition with a deadline.
"""

import hashlib
import hmac
import json
import threading
from dataclasses import dataclass, field

from fold import DONE, Fold
from websocket import Closed, WebSocket

DEADLINE = 10


class Refused(Exception):
    """The platform's error answer."""

    def __init__(self, error):
        super().__init__(f"{error['code']}: {error['message']}")
        self.error = error
        self.code = error["code"]


class Peer:
    """A connection with requests, answers and pushes; knows no role.

    handle() sees every frame that is no answer, on the reading thread and under the lock.
    """

    def __init__(self, port, host="127.0.0.1"):
        self._socket = WebSocket(host, port)
        self._changed = threading.Condition()
        self._answers = {}
        self._then = {}            # request -> what takes its answer, instead of answer()
        self._next_id = 0
        self.frames = []           # all that was no answer, in order
        self.closed = None         # why reading ended
        self._ended = threading.Event()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        try:
            while True:
                frame = json.loads(self._socket.receive())
                with self._changed:
                    if "id" in frame:
                        self._take_answer(frame)
                    else:
                        self.frames.append(frame)
                        self.handle(frame)
                    self._changed.notify_all()
        except Closed as closed:
            with self._changed:
                self.closed = closed
                self._changed.notify_all()
            self._ended.set()

    def _take_answer(self, frame):
        then = self._then.pop(frame["id"], None)
        if then is None:
            self._answers[frame["id"]] = frame
        else:
            then(frame)

    def handle(self, frame):
        pass

    def wait_for(self, true, what, deadline=DEADLINE):
        """Waits until true() holds; it is asked after each frame, under the lock. Once the
        connection is closed nothing more comes, and so nothing more is waited for."""
        with self._changed:
            self._changed.wait_for(lambda: true() or self.closed, deadline)
            if not true():
                raise TimeoutError(f"{what}: not within {deadline} s; last frames: "
                                   f"{self.frames[-3:]}, closed: {self.closed}")

    def wait_closed(self, deadline=DEADLINE):
        self.wait_for(lambda: self.closed is not None, "the connection closes", deadline)
        return self.closed.code

    def send(self, frame):
        self._socket.send(frame if isinstance(frame, str) else json.dumps(frame))

    def send_request(self, name, body=None, then=None, **members):
        """`then` gets the answer's frame, on the reading thread and under the lock, so before any
        frame that comes behind it; without one answer() waits for it."""
        with self._changed:
            self._next_id += 1
            request = {"id": self._next_id, "name": name, **members}
            if then is not None:
                self._then[request["id"]] = then
        if body is not None:
            request["body"] = body
        self.send(request)
        return request["id"]

    def answer(self, request):
        self.wait_for(lambda: request in self._answers or self.closed is not None,
                      f"the answer of request {request}")
        with self._changed:
            if request not in self._answers:
                raise self.closed
            frame = self._answers.pop(request)
        if "error" in frame:
            raise Refused(frame["error"])
        return frame["ok"]

    def ask(self, name, body=None, **members):
        return self.answer(self.send_request(name, body, **members))

    def login(self, role, name, secret, **details):
        try:
            challenge = self.ask("login", {"role": role, "name": name})["challenge"]
            text = f"{challenge}:{role}:{name}".encode()
            proof = hmac.new(secret.encode(), text, hashlib.sha256).hexdigest()
            return self.ask("prove", {"proof": proof, **details})
        except Closed:
            self.cut()             # nobody gets this peer, to do it
            raise

    def cut(self):
        self._socket.cut()
        self._ended.set()
        self._reader.join(DEADLINE)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.cut()


@dataclass
class Line:
    """What a site holds of one plan."""

    epoch: int
    through: int = 0
    events: list = field(default_factory=list)   # (seq, topic, body), applied
    state: Fold = None
    done: int = 0              # requests carried out


class Site(Peer):
    """A strategy site that keeps the state of its plans' orders, and places none itself.

    It heartbeats, applies each number of a line once, acknowledges it, and starts its plans.
    violations says where the platform broke the line's rules.
    """

    def __init__(self, port, name, secret, resume=None, lines=None, **details):
        self.name = name
        self.lines = lines or {}   # plan -> Line; those of an earlier connection, to resume
        self.offers = {}           # plan -> the last recover_scheme
        self.violations = []
        self._requests = []        # (plan, epoch, request) that the site has yet to answer
        super().__init__(port)
        if resume is not None:
            details["resume"] = resume
        details.setdefault("strategies", ["follow"])
        try:
            self.welcome = self.login("site", name, secret, **details)
        except Refused:
            self.cut()             # nobody gets this site, to do it
            raise
        self._beat = threading.Thread(target=self._live, daemon=True)
        self._beat.start()

    def _live(self):
        period = self.welcome["heartbeat_ms"] / 1000
        while not self._ended.wait(period):
            try:
                self.ask("heartbeat", fn=5180214)
            except (Closed, TimeoutError):
                return

    def fall_silent(self):
        """Its connection stays open, and nothing comes any more, as of a stopped process."""
        self._ended.set()
        self._beat.join(DEADLINE)

    def handle(self, frame):
        topic, plan = frame.get("topic"), frame.get("plan")
        if topic == "asset.algo.recover_scheme":
            self.offers[plan] = frame
        elif topic == "asset.algo.release_scheme":
            self.lines.pop(plan, None)
        elif "seq" in frame:
            self._advance(plan, frame)

    def _advance(self, plan, frame):
        topic, epoch, seq, body = frame["topic"], frame["epoch"], frame["seq"], frame["body"]
        if plan not in self.lines and topic == "asset.algo.scheme_start" and seq == 1:
            self.lines[plan] = Line(epoch, state=Fold(body))
        line = self.lines.get(plan)
        if line is None or line.epoch != epoch:
            self.violations.append(f"a push of a plan or epoch not held: {frame}")
            return
        if seq <= line.through:
            return                 # a repeat
        if seq != line.through + 1:
            self.violations.append(f"a hole after {line.through}: {frame}")
            return
        line.through = seq
        line.events.append((seq, topic, body))
        line.state.apply(topic, body)
        self.acknowledge(plan)
        if topic.rpartition(".")[2] in DONE:
            self.carry_out(plan, topic.rpartition("_")[2])

    def carry_out(self, plan, request):
        """What the plan's request asks for is done at once."""
        line = self.lines[plan]
        line.done += 1
        try:
            self.send_request("plan_done", {"request": request}, then=lambda _: None, plan=plan,
                              epoch=line.epoch)
            line.state.status = DONE["scheme_" + request]
        except Closed:
            pass                   # the reader sees it too

    def acknowledge(self, plan):
        line = self.lines[plan]
        try:
            self.send({"ack": {"plan": plan, "epoch": line.epoch, "through": line.through}})
        except Closed:
            pass                   # the reader sees it too

    def wait_through(self, plan, number, deadline=DEADLINE):
        self.wait_for(lambda: plan in self.lines and self.lines[plan].through >= number,
                      f"number {number} of plan {plan} at site {self.name}", deadline)

    def pages(self, plan, epoch, limit=500):
        """(snapshot, orders, combined) of all pages of one snapshot."""
        after, orders, combined, snapshot = 0, [], [], None
        while after is not None:
            page = self.ask("open_orders", {"after": after, "limit": limit}, plan=plan,
                            epoch=epoch)
            if snapshot not in (None, page["snapshot"]):
                after, orders, combined, snapshot = 0, [], [], None
                continue
            snapshot = page["snapshot"]
            orders += page["orders"]
            combined += page["combined"]
            after = page["next"]
        return snapshot, orders, combined

    def rebuild(self, plan):
        """Steps 1 to 3 of a takeover; returns the epoch that the claim gave."""
        self.wait_for(lambda: plan in self.offers, f"an offer of plan {plan} to {self.name}")
        offer = self.offers.pop(plan)
        snapshot, orders, combined = self.pages(plan, offer["epoch"], limit=2)
        state = Fold(offer["body"]["plan"])
        state.restore(orders, combined)
        line = Line(offer["epoch"], through=snapshot, state=state)
        answer = self.ask("claim", {"snapshot": snapshot}, plan=plan, epoch=offer["epoch"],
                          fn=5180246)
        line.epoch = answer["epoch"]
        with self._changed:
            self.lines[plan] = line
        return line.epoch

    def drain_cache(self, plan, limit=500):
        """Steps 4 and 5: everything cached, then finish; again if a message came meanwhile."""
        line = self.lines[plan]
        while True:
            answer = self.ask("cached", {"limit": limit}, plan=plan, epoch=line.epoch)
            self.wait_through(plan, answer["through"])
            if answer["remaining"]:
                continue
            try:
                done = self.ask("finish", {"through": line.through, "digest": line.state.digest()},
                                plan=plan, epoch=line.epoch, fn=5180224)
                line.state.status = done["status"]
                return done
            except Refused as refused:
                if refused.code != "NOT_DRAINED":
                    raise


class OrderSystem(Peer):
    """The order system: publishes reports, takes orders. Logs in under a name of its role."""

    def __init__(self, port, name, secret):
        self.acked = 0
        self.orders_out = []
        self._published = 0
        super().__init__(port)
        self.login("order_system", name, secret)

    def handle(self, frame):
        if "acked" in frame:
            self.acked = max(self.acked, frame["acked"])
        if "out" in frame:
            self.orders_out.append(frame)
            self.send({"ack": {"out": frame["out"]}})

    def publish(self, topic, body):
        self._published += 1
        self.send({"pub": self._published, "topic": topic, "body": body})
        return self._published

    def wait_acked(self, number=None, deadline=DEADLINE):
        wanted = self._published if number is None else number
        self.wait_for(lambda: self.acked >= wanted, f"publication {wanted} acknowledged", deadline)
