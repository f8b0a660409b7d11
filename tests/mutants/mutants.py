"""One-line slips in the sources: each must be noticed by the test that its entry names.

usage: mutants.py --check
       mutants.py BUILD_DIRECTORY [ROOM | NAME]

The lists are lists/*.txt; entries.py says how an entry is written. Copies the
repository into BUILD_DIRECTORY/tree, writes all mutants into the copy, each switched off, builds
the tests that are named once, and runs each mutant's test with that mutant switched on. A test
that fails, dies or does not come to its end kills. Prints a table and, at the end, who lives;
exits with 1 if a mutant lives, with 2 if an entry matches no more or a test fails without mutants.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import entries
from entries import SEEDS, ListError

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
LEFT_OUT = {".git", "build"}
SEEDS_TO_TRY = 300
SHORTEST_LIMIT = 20  # seconds that any test may take with a mutant; or ten times what it takes


def chosen(mutants, word):
    """Those of a room (a beginning of their path), or whose name has the word in it."""
    of_room = [one for one in mutants if one.path.startswith(word.rstrip("/") + "/")]
    return of_room or [one for one in mutants if word in one.name or word == one.path]


# ---------------------------------------------------------------- what --check does


def written_tests():
    """All tests that are written down in tests/, without their prefix; "/" after those of many."""
    names = set()
    for path in [*(ROOT / "tests").rglob("*.cc"), *(ROOT / "tests").rglob("*.h")]:
        text = path.read_text(errors="replace")
        for kind, suite, case in re.findall(
                r"\b((?:TYPED_)?TEST(?:_F|_P)?)\(\s*(\w+),\s*(\w+)\)", text):
            many = "/" if "TYPED" in kind or kind == "TEST_P" else ""
            names.add(f"{suite}.{case}{many}")
    for path in (ROOT / "tests").rglob("*_test.py"):
        kind = ""
        for line in path.read_text().splitlines():
            kind = found[1] if (found := re.match(r"class (\w+)", line)) else kind
            if found := re.match(r"    def (test\w*)\(", line):
                names.add(f"{path.stem}.{kind}.{found[1]}")
    return names


def is_written(test, names):
    """A typed or parametrised test has the names of its set and of its value, too."""
    words = test.split(".", 1)[-1]
    suite, _, case = words.rpartition(".")
    return words in names or "/" in words and any(
        f"{part}.{case.split('/')[0]}/" in names for part in suite.split("/"))


def check(mutants):
    """Prints what is wrong with the lists, and says how much there is."""
    wrong, names = 0, written_tests()
    for mutant in mutants:
        try:
            text = (ROOT / mutant.path).read_text() if (ROOT / mutant.path).is_file() else ""
            entries.switched(text, [mutant])
            if mutant.test != SEEDS and not is_written(mutant.test, names):
                raise ListError(f"{mutant.place}: '{mutant.name}': there is no such test: "
                                f"{mutant.test}")
        except ListError as error:
            wrong += 1
            print(error)
    return wrong


# ---------------------------------------------------------------- building


def write_if_other(target, content):
    if not target.exists() or target.read_bytes() != content:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)


def copy_sources(tree, mutants):
    """The repository as it is, but for the files with mutants; what did not change stays."""
    of_file = {}
    for mutant in mutants:
        of_file.setdefault(mutant.path, []).append(mutant)
    kept = set()
    for source in (path for top in sorted(ROOT.iterdir()) if top.name not in LEFT_OUT
                   for path in ([top] if top.is_file() else sorted(top.rglob("*")))):
        name = str(source.relative_to(ROOT))
        if not source.is_file() or "__pycache__" in name or source.suffix == ".db":
            continue
        kept.add(tree / name)
        content = source.read_bytes()
        if name in of_file:
            content = entries.switched(content.decode(), of_file[name]).encode()
        write_if_other(tree / name, content)
        shutil.copymode(source, tree / name)
    for old in [path for path in tree.rglob("*") if path.is_file() and path not in kept and
                path.relative_to(tree).parts[0] not in LEFT_OUT]:
        old.unlink()
    # A mutant may leave a thing unused; nothing else of the build differs.
    with (tree / "cmake/Targets.cmake").open("a") as file:
        file.write("target_compile_options(systask_options INTERFACE -Wno-error)\n")


def program_of(test):
    prefix = test.split(".")[0]
    return {SEEDS: "simulate", "system": "systask", "faults": "systask_faults systask",
            "cli": "systask"}.get(prefix, f"{prefix}_test")


def build(tree, mutants):
    # What a normal build has in the cache is taken from there: the option that differs is left out.
    environment = {**os.environ, "CCACHE_BASEDIR": str(tree),
                   "CCACHE_IGNOREOPTIONS": "-Wno-error"}
    programs = sorted({one for mutant in mutants for one in program_of(mutant.test).split()})
    print(f"building {', '.join(programs)}", flush=True)
    configured = ["cmake", "--preset", "release", "-DSYSTASK_ROOM_OPTIONS=-O0",
                  "--log-level=WARNING"]
    subprocess.run(configured, cwd=tree, env=environment, check=True, stdout=subprocess.DEVNULL)
    made = subprocess.run(["ninja", "-C", tree / "build/release", "-k", "0", *programs],
                          env=environment, capture_output=True, text=True)
    if made.returncode:
        errors = [line for line in made.stdout.splitlines() if "error:" in line]
        print("\n".join(errors[:40] or [made.stdout[-3000:]]))
    return made.returncode == 0


# ---------------------------------------------------------------- running


class Test:
    """How ctest runs one test."""

    def __init__(self, command, directory, environment, marks=()):
        self.command, self.directory, self.marks = command, directory, marks
        self.environment, self.took = environment, 0.0

    def run(self, number, limit):
        """What kills the mutant of this number; nothing where the test passes."""
        environment = {**os.environ, **self.environment, "SYSTASK_MUTANT": str(number)}
        begun = time.monotonic()
        try:
            done = subprocess.run(self.command, cwd=self.directory, env=environment, text=True,
                                  errors="replace", capture_output=True, timeout=limit)
        except subprocess.TimeoutExpired:
            return f"it does not come to its end in {limit:.0f} s"
        finally:
            self.took = time.monotonic() - begun
        if done.returncode == 0:
            return ""
        if done.returncode < 0:
            return f"it dies of signal {-done.returncode}"
        seed = re.search(r"seed (\d+) breaks (.*)", done.stdout)
        return f"seed {seed[1]}: {seed[2]}" if seed else "it fails"


def known_tests(binary):
    """Every test of the build, by its names."""
    told = subprocess.run(["ctest", "--test-dir", binary, "--show-only=json-v1"], check=True,
                          capture_output=True, text=True)
    tests = {}
    for one in json.loads(told.stdout)["tests"]:
        if "command" not in one:
            continue
        properties = {each["name"]: each["value"] for each in one.get("properties", [])}
        environment = dict(each.split("=", 1) for each in properties.get("ENVIRONMENT", []))
        test = Test(one["command"], properties.get("WORKING_DIRECTORY", binary), environment)
        tests[one["name"]] = test
        # What has a type or a value is called otherwise by ctest than by its program.
        for word in one["command"]:
            if word.startswith("--gtest_filter="):
                tests[f"{one['name'].split('.')[0]}.{word.partition('=')[2]}"] = test
    seeds = [str(binary / "tests/simulation/simulate"), "--first", "1", "--seeds",
             str(SEEDS_TO_TRY), "--lines", "1"]
    tests[SEEDS] = Test(seeds, binary, {})
    return tests


def passing(tests, names):
    """Runs the tests named without a mutant; those that fail are told."""
    def run(name):
        return name, tests[name].run(0, 600) if name in tests else "ctest does not know it"

    print(f"running {len(names)} tests without a mutant", flush=True)
    with ThreadPoolExecutor(2) as pool:
        failed = [(name, why) for name, why in pool.map(run, names) if why]
    for name, why in failed:
        print(f"without any mutant: {name}: {why}")
    return not failed


def run_all(tests, mutants):
    """Those that live."""
    limits = {one.test: max(SHORTEST_LIMIT, 10 * tests[one.test].took) for one in mutants}

    def run(mutant):
        test = tests[mutant.test]
        alone = Test(test.command, test.directory, test.environment)
        return mutant, alone.run(mutant.number, limits[mutant.test]), alone.took

    living = []
    print(f"{'mutant':<66} {'s':>5}  killed by", flush=True)
    with ThreadPoolExecutor(2) as pool:
        for mutant, why, took in pool.map(run, mutants):
            told = f"{mutant.test}: {why}" if why else "NOBODY: it lives"
            print(f"{mutant.name:<66} {took:5.1f}  {told}", flush=True)
            if not why:
                living.append(mutant)
    return living


def tell(mutants, living, tests):
    rooms = {}
    for mutant in mutants:
        room = str(Path(mutant.path).parent)
        total, alive = rooms.get(room, (0, 0))
        rooms[room] = (total + 1, alive + (mutant in living))
    print("\n" + ", ".join(f"{room} {total}" + (f" ({alive} live)" if alive else "")
                           for room, (total, alive) in sorted(rooms.items())))
    for mutant in living:
        line = 1 + entries.line_of(mutant, (ROOT / mutant.path).read_text().split("\n"))
        print(f"{mutant.path}:{line}: it lives: {mutant.name}\n    - {mutant.old}\n"
              f"    + {mutant.new}\n    run it: SYSTASK_MUTANT={mutant.number} "
              f"{' '.join(tests[mutant.test].command)}")
    print(f"{len(mutants)} mutants, {len(living)} live")


def main():
    parser = argparse.ArgumentParser(description="Runs the mutants.")
    parser.add_argument("--check", action="store_true", help="only hold the lists against the code")
    parser.add_argument("build", type=Path, nargs="?", default=ROOT / "build/mutants")
    parser.add_argument("word", nargs="?", default="", metavar="ROOM | NAME")
    arguments = parser.parse_args()
    try:
        everyone = entries.read_lists(HERE / "lists")
        if wrong := check(everyone):
            print(f"{wrong} entries are wrong; what to do: write each again for the code as it is "
                  "(tests/mutants/README.md)")
            return 2
        mutants = chosen(everyone, arguments.word)
        if arguments.check:
            print(f"{len(everyone)} mutants match their lines and name their tests")
            return 0
        if not mutants:
            print(f"no mutant is in a room '{arguments.word}' or named so")
            return 2
        tree = arguments.build.resolve() / "tree"
        copy_sources(tree, everyone)
    except ListError as error:
        print(error)
        return 2
    if not build(tree, mutants):
        return 2
    tests = known_tests(tree / "build/release")
    if not passing(tests, sorted({mutant.test for mutant in mutants})):
        return 2
    living = run_all(tests, mutants)
    tell(mutants, living, tests)
    return int(bool(living))


if __name__ == "__main__":
    sys.exit(main())
