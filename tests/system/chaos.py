"""Everybody fails, again and again, and nothing is lost: sites are killed, frozen and restarted,
the order system repeats itself and reconnects, the service dies by SIGKILL.

usage: SYSTASK_BINARY=PATH python3 -B chaos.py [--seeds 9] [--first 1] [--offer 1] [--faults 20]

The judge believes what sites and order system saw, and what the platform says is compared with it:
each order reached the order system once, under one number; each report has one number of its
plan's line, in the order of publication, whoever saw it; every digest that a site computed is the
platform's; and so is the digest of a fold of all that was published. Exit status 1: a seed failed.
"""

import argparse
import itertools
import json
import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections import defaultdict
from pathlib import Path

from fold import Fold
from harness import TASKS, SECRETS, Service, config_text, until
from peer import OrderSystem, Refused
from reports import Reports
from websocket import Closed

SITES = {"A": "secret-of-a", "B": "secret-of-b", "C": "secret-of-c"}
FAULTS = ("kill a site", "freeze a site", "cut the order system", "kill the service",
          "repeat reports", "modify a plan", "pause a plan")
PLANS = 3
END = 90                           # seconds until all is quiet again, after the last fault


class Market:
    """The order system over all its connections. Whatever is published is kept, and published
    again, in order, from the first that was not acknowledged."""

    def __init__(self, port, rng):
        self.port, self.rng = port, rng
        self.log = []              # (topic, body), in the order of their first publication
        self.done = 0              # so many of the log are acknowledged
        self.outs = {}             # (plan, algo_ordid) -> the number it came under
        self.cancels = set()       # the numbers of those that came
        self.wrong = []
        self.reports = {}          # plan -> Reports
        self._open = {}            # (plan, number) -> steps that its life has yet to take
        self._link, self._sent = None, []

    def connected(self):
        if self._link is not None and self._link.closed is None:
            return True
        self.close()
        try:
            self._link = OrderSystem(self.port, "feed", "secret-of-feed")
        except (Closed, OSError, Refused, TimeoutError):
            return False
        self._sent = []
        for index in range(self.done, len(self.log)):
            self._send(index)
        return True

    def publish(self, topic, body):
        self.log.append((topic, body))
        self._send(len(self.log) - 1)

    def repeat(self):
        for index in self.rng.sample(range(self.done), min(5, self.done)):
            self._send(index)

    def _send(self, index):
        try:
            if self._link is not None and self._link.closed is None:
                self._link.publish(*self.log[index])
                self._sent.append(index)
        except Closed:
            pass                   # it is published again on the next connection

    def take(self):
        """What was acknowledged, and the orders that came; a new one begins its life."""
        link = self._link
        if link is None:
            return
        for index in self._sent[:link.acked]:
            self.done = max(self.done, index + 1)
        for frame in list(link.orders_out):
            body = frame["body"]
            key = body["scheme_id"], body["algo_ordid"]
            if key[0] not in self.reports:
                continue           # of a plan that is being made: it is looked at again
            if frame["topic"] == "stp.order.cancel":
                self._cancel(key, body["cancel_no"])
            elif self.outs.setdefault(key, frame["out"]) != frame["out"]:
                self.wrong.append(f"order {key} came as {self.outs[key]} and as {frame['out']}")
            elif key not in self._open:
                self._open[key] = self._life(*key)
        for frame in link.frames:
            if "error" in frame and frame["error"].get("code") != "EMPTY_BODY":
                self.wrong.append(f"the order system is told {frame}")

    def _cancel(self, key, number):
        """A site's cancel comes too late, behind all that happens to its order."""
        if key not in self.outs:
            self.wrong.append(f"cancel {number} is of order {key}, which never came")
        elif number not in self.cancels:
            self.cancels.add(number)
            reports, cancel, order = self.reports[key[0]], f"q{number}", f"{key[0]}x{key[1]}"
            self._open[key] = itertools.chain(self._open[key], [
                lambda: reports.report(402210, cancel, cancel_entrust_no=order),
                lambda: reports.report(402211, cancel, cancel_entrust_no=order,
                                       revoke_cause="too late")])

    def _life(self, plan, algo_ordid):
        reports, number = self.reports[plan], f"{plan}x{algo_ordid}"
        steps = [lambda: reports.report(402213, number, scheme_id=plan, entrust_state="1",
                                        algo_ordid=algo_ordid)]
        kind = self.rng.randrange(6)
        if kind == 0:
            return iter([*steps, lambda: reports.rejected(number)])
        steps += [lambda: reports.confirmed(number), lambda: reports.filled(number, "D1", 30)]
        if kind == 1:
            steps += [lambda: reports.filled(number, "D2", 70, "48.3")]
        elif kind in (2, 3):       # a part is taken off, and then the rest, or it is filled
            steps += [lambda: reports.cancelling(number), lambda: reports.cancelled(number, 20)]
            steps += [lambda: reports.filled(number, "D3", 50)] if kind == 2 else [
                lambda: reports.report(402210, f"d{number}", cancel_entrust_no=number),
                lambda: reports.report(402212, f"d{number}", cancel_entrust_no=number)]
        elif kind == 4:
            steps += [lambda: reports.cancelling(number), lambda: reports.cancel_rejected(number)]
        return iter(steps)

    def quote(self, plan, number):
        """A combined order, which no site placed."""
        reports, rng = self.reports[plan], self.rng
        steps = [lambda: reports.combined(number), lambda: reports.report(402237, number),
                 lambda: reports.filled(f"{number}b", "D1", 40),
                 lambda: reports.filled(f"{number}s", "D2", 100, side=2)]
        cancel = f"x{number}"
        steps += rng.choice((
            [],
            [lambda: reports.report(402234, cancel, cancel_entrust_no=number),
             lambda: reports.report(402236, cancel, cancel_entrust_no=number)],
            [lambda: reports.report(402234, cancel, cancel_entrust_no=number),
             lambda: reports.report(402235, cancel, cancel_entrust_no=number, buy_cancel_amount=10,
                                    sell_cancel_amount=0)],
            [lambda: reports.report(402234, cancel, cancel_entrust_no=number),
             lambda: reports.report(402235, cancel, cancel_entrust_no=number)]))
        self._open[plan, number] = iter(steps)

    def all_lived(self):
        """Takes the next step of every life; False where there was one."""
        steps = [step for life in self._open.values() if (step := next(life, None))]
        for step in steps:
            step()
        return not steps

    def close(self):
        """What was acknowledged on the connection is kept: nobody says it again."""
        if self._link is not None:
            self._link.cut()
            self.take()
            self._link = None

    def step(self):
        """Each order's life goes on, or not yet."""
        if not self.connected():
            return
        self.take()
        for steps in list(self._open.values()):
            if self.rng.random() < 0.4 and (step := next(steps, None)):
                step()


class Chaos:
    def __init__(self, seed, offer, faults):
        self.rng, self.faults, self.orders = random.Random(seed), faults, faults + 5
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.folder = tempfile.TemporaryDirectory(prefix="systask-chaos-")
        self.service = Service(config=config_text(
            listen=f"127.0.0.1:{port}",
            extra=f"  site_timeout: 1500ms\n  rebuild_timeout: 3s\n  offer: {offer}\n"),
            directory=self.folder.name)
        self.market = Market(port, self.rng)
        self.processes = {}
        self.frozen = {}           # name -> ticks until it goes on
        self.down = {}             # name -> ticks until it is started again
        self.changes = defaultdict(lambda: [0, 0])   # plan -> [numbers taken, perhaps taken]
        self.counts = defaultdict(int)
        self.pace = threading.Event()

    # --- faults

    def start_site(self, name):
        self.processes[name] = subprocess.Popen(
            [sys.executable, "-B", Path(__file__).with_name("chaos_site.py"), name, SITES[name],
             str(self.service.port), f"{self.folder.name}/{name}.trace"])

    def end_site(self, name):
        process = self.processes.pop(name)
        process.kill()
        process.wait()
        self.frozen.pop(name, None)

    def fail(self, fault):
        self.counts[fault] += 1
        name = self.rng.choice(sorted(SITES))
        plan = self.rng.choice(sorted(self.market.reports))
        if fault == "kill a site":
            if name in self.processes:
                self.end_site(name)
                self.down[name] = self.rng.choice((0, 0, 40))
        elif fault == "freeze a site":
            if name in self.processes:
                self.processes[name].send_signal(signal.SIGSTOP)
                self.frozen[name] = self.rng.randrange(5, 60)
        elif fault == "cut the order system":
            self.market.close()
        elif fault == "kill the service":
            self.service.stop(signal.SIGKILL)
            self.service.start()
        elif fault == "repeat reports":
            self.market.repeat()
        elif fault == "modify a plan":
            self.change(plan, "modify", {"parameters": {
                "said": self.rng.choice(("a\nparameter b=2", "back\\slash\\n", "=", "", "\r"))}})
        else:
            self.change(plan, "pause", {})

    def change(self, plan, verb, body):
        status, _, _ = self.service.http("POST", f"/api/plans/{plan}/{verb}", body)
        self.changes[plan][0 if status == 202 else 1] += status in (0, 202, 500, 503)

    def tick(self):
        self.market.step()
        for name, left in list(self.frozen.items()):
            self.frozen[name] = left - 1
            if left <= 0:
                self.processes[name].send_signal(signal.SIGCONT)
                del self.frozen[name]
        for name, left in list(self.down.items()):
            self.down[name] = left - 1
            if left <= 0:
                self.start_site(name)
                del self.down[name]
        self.pace.wait(0.05)

    # --- a run

    def run(self):
        try:
            self.service.start()
            for name in SITES:
                self.start_site(name)
            until(lambda: sum(one["live"] for one in self.service.get("/api/sites")) == len(SITES),
                  "all sites are live")
            self.market.connected()
            date = self.service.get("/api/status")["business_date"]
            for _ in range(PLANS):
                plan = self.service.create_plan(quantity=10_000_000,
                                                parameters={"orders": str(self.orders)})
                self.market.reports[plan] = Reports(self.market, plan, date)
            faults = [FAULTS[index % len(FAULTS)] for index in range(self.faults)]
            self.rng.shuffle(faults)
            for index, fault in enumerate(faults):
                for _ in range(self.rng.randrange(3, 25)):
                    self.tick()
                self.market.quote(self.rng.choice(sorted(self.market.reports)), f"K{index}")
                self.fail(fault)
            try:
                self.settle()
            except TimeoutError as stuck:
                return [str(stuck), *self.judge()]
            return self.judge()
        finally:
            for name in list(self.processes):
                self.end_site(name)
            self.market.close()
            self.service.__exit__()
            self.folder.cleanup()

    def quiet(self):
        self.tick()
        if self.frozen or self.down or self.market.done < len(self.market.log):
            return False
        for plan, reports in self.market.reports.items():
            shown = self.service.plan_row(plan)
            if shown["status"] in "57":
                self.change(plan, "resume", {})
            bought = sum(one["ordered"] for one in self.service.get(f"/api/plans/{plan}")["details"]
                         if one["entrust_direction"] == 1)
            # An order that a site has placed, and that has not come yet, has its life before it.
            placed = sum(bool(one["algo_ordid"])
                         for one in self.service.get(f"/api/orders?plan={plan}"))
            came = sum(key[0] == plan for key in self.market.outs)
            if shown["status"] != "2" or bought < 100 * self.orders or placed != came:
                return False
        return self.market.all_lived()

    def settle(self):
        until(self.quiet, "all is quiet", END)
        marks = {plan: self.agreed()[plan] for plan in self.market.reports}
        until(lambda: self.tick() or all(self.agreed()[plan] > marks[plan] for plan in marks),
              "the sites compare all plans once more", END)
        until(self.quiet, "all is quiet still", END)

    def lines_of(self, name):
        path = Path(self.folder.name) / f"{name}.trace"
        # A line that a kill cut short is none.
        return [json.loads(line) for line in path.read_text().split("\n")[:-1]]

    def agreed(self):
        counted = defaultdict(int)
        for name in SITES:
            for line in self.lines_of(name):
                if line[0] == "agrees":
                    counted[line[1]] += 1
        return counted

    # --- the judge

    def judge(self):
        wrong = list(self.market.wrong)
        seen = defaultdict(dict)   # plan -> seq -> message id
        for name in SITES:
            for kind, *what in self.lines_of(name):
                self.counts[kind] += 1
                if kind == "wrong":
                    wrong.append(f"site {name}: {what[0]}")
                elif kind == "event":
                    plan, _, seq, message = what
                    before = seen[plan].setdefault(seq, message)
                    if before != message:
                        wrong.append(f"number {seq} of plan {plan}: {before} and {message}")
        for plan, reports in self.market.reports.items():
            wrong += self.wrong_line(plan, reports, seen[plan])
            wrong += self.wrong_state(plan, reports)
        if waits := self.service.get("/api/quarantine"):
            wrong.append(f"in quarantine: {[one['reason'] for one in waits]}")
        self.counts["reports"] = len(self.market.log)
        self.counts["orders"] = len(self.market.outs)
        self.counts["cancels"] = len(self.market.cancels)
        self.counts["recoveries"] = len(self.service.get("/api/recoveries?limit=10000"))
        return wrong

    def wrong_line(self, plan, reports, seen):
        """Whoever saw the numbers of a line saw the reports in their order, none twice."""
        order = {body["message_id"]: place for place, (_, body) in enumerate(reports.published)}
        places = [order[seen[seq]] for seq in sorted(seen) if seen[seq] in order]
        if places != sorted(set(places)):
            yield f"plan {plan}: reports came twice or out of order: {places}"
        shown = self.service.get(f"/api/plans/{plan}")
        taken, perhaps = self.changes[plan]
        numbers = shown["last_number"] - shown["skipped"] - 1 - len(reports.published) - taken
        if not 0 <= numbers <= perhaps:
            yield (f"plan {plan} has {shown['last_number']} numbers, {shown['skipped']} skipped, "
                   f"of {len(reports.published)} reports and {taken} to {taken + perhaps} changes")

    def wrong_state(self, plan, reports):
        shown = self.service.get(f"/api/plans/{plan}")
        whole = Fold({**shown, "details": [
            {**one, "ordered": 0, "filled": 0, "amount": "0"} for one in shown["details"]]})
        for topic, body in reports.published:
            whole.apply(topic, body)
        if whole.digest() != shown["digest"]:
            yield (f"plan {plan}: the platform has {shown}, and what was published is\n"
                   f"{whole.text()}")


def main():
    parser = argparse.ArgumentParser()
    for name, otherwise in (("seeds", 1), ("first", 1), ("offer", 1), ("faults", 20)):
        parser.add_argument(f"--{name}", type=int, default=otherwise)
    given = parser.parse_args()
    failed = 0
    for seed in range(given.first, given.first + given.seeds):
        chaos = Chaos(seed, given.offer, given.faults)
        wrong = chaos.run()
        print(f"seed {seed}, offer {given.offer}: {'; '.join(wrong) or 'nothing wrong'}",
              dict(chaos.counts), flush=True)
        failed += bool(wrong)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
