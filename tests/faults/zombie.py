"""A strategy site as a process that can be stopped: `zombie.py PORT` logs in as A, holds what it is
given, and, told on standard input, tries every request of docs/protocol.md about a plan.

Each line in is a JSON object: {"try": [[name, body], …], "plan": …, "epoch": …}. Each line out is one:
first {"holds": …} for every plan it gets, then the answers' codes.
"""

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "system"))

from peer import Refused, Site  # noqa: E402
from websocket import Closed  # noqa: E402


def say(**members):
    print(json.dumps(members), flush=True)


def outcome(ask):
    """The code of the refusal; "ok" where there was none, "closed" where nothing came at all."""
    try:
        return {"ok": ask()}
    except Refused as refused:
        return refused.code
    except (Closed, TimeoutError):
        return "closed"


def acknowledge(site, plan, epoch):
    """An acknowledgement has no answer, but where it is stale."""
    before = len(site.frames)
    site.send({"ack": {"plan": plan, "epoch": epoch, "through": 1}})

    def refused():
        return [one["error"] for one in site.frames[before:] if "error" in one]

    site.wait_for(lambda: refused() or site.closed, "the refusal of an acknowledgement")
    if not refused():
        raise Closed()
    raise Refused(refused()[0])


def try_all(site, order):
    plan, epoch = order["plan"], order["epoch"]
    codes = {"ack": outcome(lambda: acknowledge(site, plan, epoch))}
    for name, body in order["try"]:
        codes[name] = outcome(lambda: site.ask(name, body, plan=plan, epoch=epoch))
    return codes


def main():
    port = int(sys.argv[1])
    site = Site(port, "A", "secret-of-a")
    site.wait_for(lambda: site.lines, "a plan", 60)
    (plan, line), = site.lines.items()
    say(holds=plan, epoch=line.epoch)
    for text in sys.stdin:
        order = json.loads(text)
        if "login" in order:
            site.cut()
            site = Site(port, "A", "secret-of-a", resume=order["login"])
            say(resumed=site.welcome["resumed"], plans=site.welcome["plans"])
        else:
            say(codes=try_all(site, order))
    site.cut()


if __name__ == "__main__":
    main()
