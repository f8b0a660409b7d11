"""Which lines the tests ran, from what a coverage build left behind.

usage: coverage.py BUILD_DIR [ROOT]

Asks gcov for every .gcda below BUILD_DIR, adds up what it says of each file of the rooms, and
prints a line a file, least covered first, with the numbers of the lines that never ran, and a
sum a room.
"""

import collections
import json
import subprocess
import sys
from pathlib import Path

from rules import ROOMS, room_of

SHOWN_GAPS = 8


def reports(build):
    for counts in sorted(build.rglob("*.gcda")):
        answer = subprocess.run(
            ["gcov", "--json-format", "--stdout", str(counts)],
            cwd=build, capture_output=True, check=True,
        )
        for line in answer.stdout.splitlines():
            yield json.loads(line)


def runs_by_file(build, root):
    """path -> {line: how often it ran}, for the files of the rooms."""
    runs = collections.defaultdict(collections.Counter)
    for report in reports(build):
        for file in report["files"]:
            path = (build / file["file"]).resolve()
            if not path.is_relative_to(root):
                continue
            name = path.relative_to(root).as_posix()
            if room_of(name) in ROOMS:
                for line in file["lines"]:
                    runs[name][line["line_number"]] += line["count"]
    return runs


def gaps(lines):
    """The lines that never ran, neighbours joined: '12-15 40'."""
    spans = []
    for number in sorted(lines):
        if lines[number] == 0 and spans and spans[-1][1] is not None:
            spans[-1][1] = number
        elif lines[number] == 0:
            spans.append([number, number])
        elif spans and spans[-1] != [None, None]:
            spans.append([None, None])
    named = [f"{a}-{b}" if a != b else f"{a}" for a, b in spans if a is not None]
    return " ".join(named[:SHOWN_GAPS]) + (" ..." if len(named) > SHOWN_GAPS else "")


def percent(ran, total):
    return f"{100 * ran / total:5.1f} %  {ran:6} of {total:6} lines"


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit("usage: coverage.py BUILD_DIR [ROOT]")
    build = Path(sys.argv[1]).resolve()
    root = Path(sys.argv[2] if len(sys.argv) == 3 else ".").resolve()
    runs = runs_by_file(build, root)
    if not runs:
        sys.exit(f"{build} has no counts: build it with the preset coverage and run the tests")
    rooms = collections.defaultdict(lambda: [0, 0])
    rows = []
    for path, lines in runs.items():
        ran = sum(1 for count in lines.values() if count > 0)
        rows.append((ran / len(lines), path, percent(ran, len(lines)), gaps(lines)))
        for key in (room_of(path), "all rooms"):
            rooms[key][0] += ran
            rooms[key][1] += len(lines)
    for _, path, share, missing in sorted(rows):
        print(f"{path:40} {share}  {missing}".rstrip())
    print()
    for room in [*ROOMS, "all rooms"]:
        if room in rooms:
            print(f"{room:40} {percent(*rooms[room])}")


if __name__ == "__main__":
    main()
