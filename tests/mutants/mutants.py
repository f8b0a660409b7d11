"""One-line mutants of trading/: each must be killed by the simulator.

usage: mutants.py [--seeds N] [--only NAME] BUILD_DIRECTORY

Copies the sources into BUILD_DIRECTORY/tree, applies one mutant after the other to the copy,
builds the simulator there (only what the mutant touches is compiled again) and runs seeds until
one fails. Prints a table; exits with 1 if a mutant lives, 2 if one no longer matches its line.
"""

import argparse
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ["base", "scheduler", "trading", "tests/support", "tests/simulation", "cmake"]


class Mutant(NamedTuple):
    name: str
    path: str
    line: str
    instead: str


def read_table(path):
    """Blocks of four lines: '= NAME', 'FILE', '- LINE', '+ INSTEAD'."""
    mutants, block = [], []
    for text in path.read_text().splitlines():
        if not text.strip() or text.startswith("#"):
            continue
        block.append(text)
        if len(block) == 4:
            name, file, line, instead = block
            if name[:2] != "= " or line[:2] != "- " or instead[:1] != "+":
                sys.exit(f"{path}: expected '= name', file, '- line', '+ instead': {block}")
            mutants.append(Mutant(name[2:], file, line[2:].strip(), instead[2:].strip()))
            block = []
    return mutants


def mutated(text, mutant):
    """The text with the mutant in it, or None where its line is not there exactly once."""
    lines = text.split("\n")
    places = [i for i, line in enumerate(lines) if line.strip() == mutant.line]
    if len(places) != 1:
        return None
    lines[places[0]] = mutant.instead
    return "\n".join(lines)


def copy_sources(tree):
    for room in ROOMS:
        for source in sorted((ROOT / room).rglob("*")):
            target = tree / source.relative_to(ROOT)
            if source.is_dir():
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            if not target.exists() or target.read_bytes() != source.read_bytes():
                shutil.copyfile(source, target)
    cmake = [
        "cmake_minimum_required(VERSION 3.25)", "project(mutants LANGUAGES C CXX)",
        "list(APPEND CMAKE_MODULE_PATH ${CMAKE_SOURCE_DIR}/cmake)", "set(SYSTASK_TESTS OFF)",
        "include(Dependencies)", "include(Targets)", "enable_testing()",
        "target_compile_options(systask_options INTERFACE -Wno-error)",  # a mutant may be unused
    ]
    cmake += [f"add_subdirectory({room})" for room in ROOMS if room != "cmake"]
    target = tree / "CMakeLists.txt"
    text = "\n".join(cmake) + "\n"
    if not target.exists() or target.read_text() != text:
        target.write_text(text)


def build(tree, binary):
    if not (binary / "build.ninja").exists():
        command = ["cmake", "-S", tree, "-B", binary, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Debug",
                   "-DSYSTASK_UNITY=OFF", "-DCMAKE_CXX_COMPILER_LAUNCHER=ccache",
                   "--log-level=WARNING"]
        subprocess.run(command, check=True)
    done = subprocess.run(["ninja", "-C", binary, "simulate"], capture_output=True, text=True)
    return "" if done.returncode == 0 else done.stdout[-1500:]


def killed_by(binary, seeds):
    """(what the simulator says, the seed), or ("", "") where the mutant lives."""
    program = binary / "tests/simulation/simulate"
    try:
        done = subprocess.run([program, "--first", "1", "--seeds", str(seeds), "--lines", "1"],
                              capture_output=True, text=True, timeout=900)
    except subprocess.TimeoutExpired:
        return "it hangs", "?"
    if done.returncode == 0:
        return "", ""
    found = re.search(r"seed (\d+) breaks (.*)", done.stdout)
    return (found[2], found[1]) if found else (f"it died: {done.stderr[-200:]}".strip(), "?")


def main():
    parser = argparse.ArgumentParser(description="Runs the mutants.")
    parser.add_argument("build", type=Path)
    parser.add_argument("--seeds", type=int, default=300)
    parser.add_argument("--only", default="")
    arguments = parser.parse_args()
    tree, binary = arguments.build / "tree", arguments.build / "build"
    mutants = [m for m in read_table(Path(__file__).with_name("mutants.txt"))
               if arguments.only in m.name]
    stale = [m for m in mutants if mutated((ROOT / m.path).read_text(), m) is None]
    for mutant in stale:
        print(f"{mutant.path}: mutant '{mutant.name}': its line is not there once: {mutant.line}")
    copy_sources(tree)
    print("building the simulator as it is", flush=True)
    if error := build(tree, binary):
        print(error)
        return 2
    print(f"running {arguments.seeds} seeds without a mutant", flush=True)
    if what := killed_by(binary, arguments.seeds)[0]:
        print(f"the code itself fails, before any mutant: {what}")
        return 2
    living = 0
    print(f"{'mutant':<44} {'seed':>5}  {'s':>4}  killed by", flush=True)
    for mutant in mutants:
        if mutant in stale:
            continue
        target, begun = tree / mutant.path, time.monotonic()
        original = target.read_text()
        target.write_text(mutated(original, mutant))
        error = build(tree, binary)
        what, seed = (f"does not compile: {error}", "-") if error else killed_by(
            binary, arguments.seeds)
        target.write_text(original)
        living += not what or bool(error)
        print(f"{mutant.name:<44} {seed:>5}  {time.monotonic() - begun:4.0f}  "
              f"{what or 'NOBODY: it lives'}", flush=True)
    print(f"{len(mutants) - len(stale)} mutants, {living} live, {len(stale)} no longer match")
    return 2 if stale else int(living > 0)


if __name__ == "__main__":
    sys.exit(main())
