"""The library of faults as a test uses it: its table of points, a drill whose service ends at them,
and the environment that arms them for any other service.

SYSTASK_FAULTS names the library; SYSTASK_SEED is the seed of all that is left to chance, printed by
whoever takes it.
"""

import ctypes
import functools
import json
import os
import random
import re
import sqlite3
import struct
import subprocess
import sys
import tempfile
import threading
from collections import namedtuple
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "system"))

from harness import BINARY, SANITIZED  # noqa: E402  (the folder is named just above)

LIBRARY = os.environ.get("SYSTASK_FAULTS", "libsystask_faults.so")
NIGHTLY = os.environ.get("SYSTASK_NIGHTLY", "") == "1"
WHY_NOT = "a sanitizer's runtime and this library both put themselves before the same functions"
# A drill waits far more than it computes.
AT_ONCE = 9
MISSED = "kills of sites were made before the flow ended"


@functools.cache
def points():
    """The name of every crash point, as the library has them."""
    library = ctypes.CDLL(LIBRARY)
    library.systask_point.restype = ctypes.c_char_p
    return [library.systask_point(one).decode() for one in range(library.systask_points())]


def dice(what):
    """Chance by a seed that is printed, so that a failure can be seen again."""
    seed = int(os.environ.get("SYSTASK_SEED", random.randrange(1 << 30)))
    print(f"{what}: SYSTASK_SEED={seed}")
    return random.Random(seed)


def environment(directory, at=(), unsynced="keep", seed=1):
    """What arms the library in a service; `at` is where its processes end, one after the other."""
    return {"LD_PRELOAD": LIBRARY, "SYSTASK_CRASH_AT": ",".join(at),
            "SYSTASK_CRASH_LOG": f"{directory}/crashes", "SYSTASK_UNSYNCED": unsynced,
            "SYSTASK_CRASH_COUNTS": f"{directory}/counts", "SYSTASK_DISK": f"{directory}/disk",
            "SYSTASK_SEED": str(seed)}


def crashes(directory):
    """Where the processes have ended so far, in order."""
    log = Path(directory, "crashes")
    return log.read_text().split() if log.exists() else []


def passings(directory):
    """Point -> how often it was passed, by all processes so far."""
    names, file = points(), Path(directory, "counts")
    counted = file.read_bytes() if file.exists() else b""
    counted = counted.ljust(8 * len(names), b"\0")
    return {name: struct.unpack_from("Q", counted, 8 * index)[0]
            for index, name in enumerate(names)}


Drill = namedtuple("Drill", "at verdict crashes passings wrong command log")


def drill(at=(), unsynced="keep", seed=1, sites=2, act=None):
    """A drill whose service ends at these points and is started again, and what came of it.

    `act` is called with the process of the drill and its directory, on the way. `wrong` is empty where sites,
    flow and ledger are what they should be.
    """
    command = [BINARY, "drill", "--json", "--keep", "--revive", "--window", "2", "--plans", "4",
               "--sites", str(sites), "--kills", "2", "--restart-after", "300ms", "--duplicate", "0.05",
               "--seed", str(seed)]
    with tempfile.TemporaryDirectory(prefix="systask-faults-") as directory:
        armed = environment(directory, at, unsynced, seed)
        process = subprocess.Popen(command, text=True, stdout=subprocess.PIPE, cwd=directory,
                                   stderr=subprocess.PIPE,
                                   env={**os.environ, **armed, "TMPDIR": directory})
        acting = threading.Thread(target=act, args=(process, Path(directory))) \
            if act else None
        if acting:
            acting.start()
        output, told = process.communicate(timeout=150)
        if acting:
            acting.join()
        # Threads of a binary that ended early may have left no verdict.
        last = output.strip().splitlines()[-1:] or ["{}"]
        verdict = json.loads(last[0])
        breaches = verdict.get("breaches", [])
        # A flow may be over before the second site is killed: no fault of the service.
        wrong = [one for one in breaches if MISSED not in one["detail"]]
        if process.returncode != 0 and not breaches:
            wrong.append(told[-3000:])
        log = ""
        if "directory" in verdict:
            log = Path(verdict["directory"], "service.log").read_text()
            wrong += wrong_in_database(Path(verdict["directory"], "systask.db"))
        shown = " ".join(f"{name}={value}" for name, value in armed.items()) + " " + \
            " ".join(command)
        return Drill(at, verdict, crashes(directory), passings(directory),
                     wrong, shown, log)


def wrong_in_database(file):
    """What the ledger and the tables say that they should not, after the end."""
    link = sqlite3.connect(file)
    try:
        wrong = [row[0] for row in link.execute("pragma integrity_check") if row[0] != "ok"]
        tasks = link.execute("select distinct task_id from tstp_systemtask_run "
                             "where run_trigger = 'schedule'").fetchall()
        for (task,) in tasks:
            wrong += wrong_in_ledger(link, task)
        wrong += [f"plan {plan}: {count} orders are {ordid}" for plan, ordid, count in link.execute(
            "select scheme_id, algo_ordid, count(*) from algojr_tentrust where algo_ordid <> '' "
            "group by 1, 2 having count(*) > 1")]
        return wrong
    finally:
        link.close()


def wrong_in_ledger(link, task):
    """Each occurrence from the first row to the last has one row, whatever died between."""
    rows = link.execute(
        "select nominal_us, last_nominal_us, missed_count from tstp_systemtask_run where "
        "task_id = ? and run_trigger = 'schedule' order by nominal_us", (task,)).fetchall()
    schedule = link.execute("select schedule from tstp_systemtask where task_id = ?",
                            (task,)).fetchone()[0]
    period = int(re.search(r"(\d+)s", schedule)[1]) * 1_000_000
    wrong = []
    for before, after in zip(rows, rows[1:]):
        if after[0] != before[1] + period:
            wrong.append(f"task {task}: after {before} comes {after}, and not its next")
    return wrong + [f"task {task}: {row} counts wrongly" for row in rows
                    if (row[1] - row[0]) // period + 1 != row[2]]


def say_to_disk(directory, says):
    """How the disk is from now on; "" is a disk that is well."""
    file = Path(directory, "disk")
    if not says:
        return file.unlink()
    file.with_suffix(".new").write_text(says)
    return file.with_suffix(".new").rename(file)


def service_of(process):
    """The process of a drill's service, or None while there is none."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    for child in children:
        try:
            words = Path(f"/proc/{child}/cmdline").read_bytes().split(b"\0")
        except OSError:
            continue               # it has ended just now
        if words[1:2] == [b"serve"]:
            return int(child)
    return None


def side_by_side(jobs, at_once=AT_ONCE):
    """The answers of functions that mostly wait, in the order given."""
    with ThreadPoolExecutor(at_once) as pool:
        return list(pool.map(lambda job: job(), jobs))
