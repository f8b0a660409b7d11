"""A strategy site as a process of its own, for chaos.py: it places orders, is killed and frozen,
resumes and takes over. usage: chaos_site.py NAME SECRET PORT TRACE

It appends what it sees to TRACE, one JSON array a line: ["event", plan, epoch, seq, message_id],
["agrees", plan, number], ["finished", plan, epoch], ["wrong", text]. It is written from
docs/protocol.md alone, as all peers here.
"""

import itertools
import json
import os
import sys
import threading

from fold import OPEN
from peer import Refused, Site
from websocket import Closed

ORDER = {"market_no": 1, "stock_code": "600570", "entrust_direction": 1,
         "entrust_price": "48.25", "entrust_amount": 100}
REQUESTS = {"1": "start", "4": "pause", "7": "resume", "9": "cancel", "g": "expire"}
# Of a takeover: another site is to do it, or it begins again.
TAKEN = {"CLAIMED", "NOT_OFFERED", "STALE_EPOCH", "SNAPSHOT_MOVED", "RECOVERING", "NO_SUCH_PLAN"}


class ChaosSite(Site):
    """before is the site's connection before this one, whose lines it resumes."""

    def __init__(self, name, secret, port, trace, before=None):
        self.trace = trace
        self.recovering = set()    # plans that are claimed and not finished
        self.unanswered = {} if before is None else before.unanswered   # (plan, epoch) -> orders
        self.count = 0 if before is None else before.count
        lines = {} if before is None else before.lines
        resume = before and {"session": before.welcome["session"], "plans": [
            {"plan": plan, "epoch": line.epoch, "through": line.through}
            for plan, line in lines.items()]}
        super().__init__(port, name, secret, resume=resume, lines=lines)

    def note(self, *what):
        os.write(self.trace, (json.dumps(what) + "\n").encode())

    def _take_answer(self, frame):
        if "resumed" in frame.get("ok", {}):
            self._keep(frame["ok"])
        super()._take_answer(frame)

    def _keep(self, welcome):
        """What the platform does not name was taken; what it asked for and was not told is done."""
        named = {one["plan"]: one for one in welcome["plans"]} if welcome["resumed"] else {}
        for plan, line in list(self.lines.items()):
            held = named.get(plan)
            if held is None or held["epoch"] != line.epoch:
                del self.lines[plan]
            elif held["claimed"]:
                self.recovering.add(plan)

    def handle(self, frame):
        super().handle(frame)
        if "seq" in frame and self.lines.get(frame["plan"]):
            if self.lines[frame["plan"]].events[-1:] == [(frame["seq"], frame["topic"],
                                                          frame["body"])]:
                self.note("event", frame["plan"], frame["epoch"], frame["seq"],
                          frame["body"].get("message_id") or frame["topic"])
        for violation in self.violations:
            self.note("wrong", violation)
        self.violations.clear()

    # --- what it does on the main thread

    def begin(self):
        """Says again what may not have been heard on the connection before."""
        named = {one["plan"]: one["status"] for one in self.welcome["plans"]}
        for (plan, epoch), orders in list(self.unanswered.items()):
            line = self.lines.get(plan)
            if line is None or line.epoch != epoch:
                del self.unanswered[plan, epoch]
            else:
                for order in list(orders.values()):
                    self.place(plan, line, order)
        for plan, line in list(self.lines.items()):
            if plan not in self.recovering and named.get(plan) in REQUESTS:
                self.carry_out(plan, REQUESTS[named[plan]])

    def place(self, plan, line, order):
        key = plan, line.epoch
        self.unanswered.setdefault(key, {})[order["algo_ordid"]] = order

        def answered(frame):
            if "ok" in frame:
                line.state.accepted(order)
            elif frame["error"]["code"] not in TAKEN | {"PLAN_NOT_RUNNING"}:
                self.note("wrong", f"place {order}: {frame['error']}")
            self.unanswered.get(key, {}).pop(order["algo_ordid"], None)

        self.send_request("place", order, then=answered, plan=plan, epoch=line.epoch)

    def cancel(self, plan, line):
        """Of its first order that has a number and is open."""
        def answered(frame):
            if "error" in frame and frame["error"]["code"] not in TAKEN | {"ORDER_CLOSED"}:
                self.note("wrong", f"cancel {order}: {frame['error']}")

        with self._changed:
            order = next((one for one in line.state.by_algo.values()
                          if one.number and one.state in OPEN), None)
        if order is not None:
            self.send_request("cancel", {"algo_ordid": order.algo_ordid}, then=answered, plan=plan,
                              epoch=line.epoch)

    def compare(self, plan, line):
        done = line.done

        def answered(frame):
            state = frame.get("ok")
            if state is None:
                self.note("refused", plan, frame["error"]["code"])
                if self.lines.get(plan) is line and frame["error"]["code"] == "STALE_EPOCH":
                    del self.lines[plan]
                return
            if self.lines.get(plan) is not line or line.done != done:
                return             # it was asked before the plan_done that has changed the status
            if self.unanswered.get((plan, line.epoch)):
                return             # an order that is not answered may count already
            if state["last"] != line.through:
                self.note("wrong", f"plan {plan} at {line.through}, platform at {state['last']}")
            elif state["digest"] == line.state.digest():
                self.note("agrees", plan, state["last"])
            else:
                self.note("wrong", f"plan {plan} at {state['last']}: {state['plan']} is\n"
                                   f"{line.state.text()}")

        self.send_request("plan_state", then=answered, plan=plan, epoch=line.epoch)

    def recover(self, plan):
        try:
            if plan not in self.recovering:
                with self._changed:
                    self.lines.pop(plan, None)
                self.rebuild(plan)
                self.recovering.add(plan)
            self.drain_cache(plan, limit=3)
            self.recovering.discard(plan)
            self.note("finished", plan, self.lines[plan].epoch)
            if request := REQUESTS.get(self.lines[plan].state.status):
                self.carry_out(plan, request)
        except (Refused, KeyError) as refused:   # KeyError: it was released meanwhile
            self.recovering.discard(plan)
            with self._changed:
                self.lines.pop(plan, None)
            if isinstance(refused, Refused) and refused.code not in TAKEN:
                self.note("wrong", f"recovery of plan {plan}: {refused}")

    def work(self, pace):
        self.begin()
        for turn in itertools.count():
            if self.closed is not None:
                return
            for plan in list(self.offers) + list(self.recovering):
                self.recover(plan)
            for plan, line in list(self.lines.items()):
                wanted = 100 * int(line.state.parameters.get("orders", "0"))
                waits = len(self.unanswered.get((plan, line.epoch), ()))
                if line.state.status == "2" and plan not in self.recovering and turn % 8 == 0 and (
                        line.state.ordered(1, "600570", 1) + 100 * waits < wanted):
                    self.count += 1
                    self.place(plan, line, {"algo_ordid": f"{line.epoch}-{self.count}", **ORDER})
                elif plan not in self.recovering:
                    self.compare(plan, line)
                may_cancel = line.state.status == "2" and plan not in self.recovering
                if turn % 20 == 10 and may_cancel and line.state.ordered(1, "600570", 1) < wanted:
                    self.cancel(plan, line)
            pace.wait(0.05)


def main(name, secret, port, path):
    trace = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    pace, site = threading.Event(), None
    while True:
        try:
            site = ChaosSite(name, secret, int(port), trace, site)
            site.work(pace)
        except (Closed, OSError, TimeoutError):
            pass
        except Refused as refused:
            os.write(trace, (json.dumps(["refused", str(refused)]) + "\n").encode())
            site = None
        if site is not None:
            site.cut()
        pace.wait(0.05)


if __name__ == "__main__":
    main(*sys.argv[1:])
