"""The rules of the repository, as tests.

usage: rules.py [--root DIR] --list | RULE...

Each rule is a function that yields its breaches; the table RULES at the end names them all.
A breach is printed as file:line: what stands there, and what to use instead; the exit status
is 1 if there is any. rules_test.py proves that each rule sees a breach.
"""

import argparse
import re
import sys
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from repository import Repository

LONGEST_LINE = 100
LONGEST_FILE = 500

# The rooms, and whom each may include besides itself.
ROOMS = {
    "base": set(),
    "calendar": {"base"},
    "scheduler": {"calendar", "base"},
    "trading": {"calendar", "base"},
    "tasks": {"scheduler", "trading", "base"},
    "db": {"scheduler", "trading", "calendar", "base"},
    "net": {"base"},
    "service": {"tasks", "db", "net", "scheduler", "trading", "calendar", "base"},
    "peers": {"net", "base"},
}
# The binary's commands are the only place that knows both the service and its peers.
MAIN = "service/all_commands.cc"
MAIN_BUILD = "service/CMakeLists.txt"


class Breach(NamedTuple):
    path: str
    line: int
    offence: str
    instead: str


def room_of(path):
    return path.split("/", 1)[0] if "/" in path else ""


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1


def source_line(repository, path, line):
    return repository.text(path).splitlines()[line - 1].strip()


def matches(repository, paths, pattern, instead, code=True):
    """A breach wherever the pattern occurs: in the code alone, or in the whole text."""
    for path in paths:
        text = repository.code(path) if code else repository.text(path)
        for match in re.finditer(pattern, text, re.MULTILINE):
            line = line_of(text, match.start())
            yield Breach(path, line, source_line(repository, path, line), instead)


def cpp_outside(repository, *allowed):
    """The C++ files outside the places allowed, each the beginning of a path."""
    return [path for path in repository.having(".h", ".cc") if not path.startswith(allowed)]


def includes(repository, path):
    for number, line in enumerate(repository.text(path).splitlines(), start=1):
        match = re.match(r"\s*#\s*include\s*([\"<])([^\">]+)", line)
        if match:
            yield number, line.strip(), match[1], match[2]


# ---------------------------------------------------------------- who may know whom


def room_includes(repository):
    for path in repository.having(".h", ".cc"):
        room = room_of(path)
        if room not in ROOMS:
            continue
        allowed = ROOMS[room] | {room} | ({"peers"} if path == MAIN else set())
        for number, line, kind, target in includes(repository, path):
            if kind == '"' and room_of(target) not in allowed:
                names = ", ".join(sorted(allowed))
                yield Breach(
                    path, number, line,
                    f"include only {names}: say what {room} needs as a port of its own, and let "
                    "the composition root in service/ join the two",
                )


def rooted_includes(repository):
    for path in repository.having(".h", ".cc"):
        for number, line, kind, target in includes(repository, path):
            if kind == '"' and (target.startswith(".") or "/../" in target or "/" not in target):
                yield Breach(path, number, line, 'name the file from the root: "room/file.h"')


def room_links(repository):
    for path in repository.having("CMakeLists.txt"):
        room = room_of(path)
        if room not in ROOMS:
            continue
        allowed = ROOMS[room] | {room} | ({"peers"} if path == MAIN_BUILD else set())
        forbidden = "|".join(sorted(set(ROOMS) - allowed))
        yield from matches(
            repository, [path], rf"\bsystask_({forbidden})\b" if forbidden else r"(?!)",
            f"link only what {room} may include: {', '.join(sorted(allowed))}",
        )


# What a library may be included by: each the beginning of a path.
LIBRARIES = [
    (r"soci", ("db/",), "a store of db/ behind a port of scheduler/ or trading/"),
    (r"boost/beast", ("net/", "tests/unit/net/", "tests/bench/net_"), "the narrow headers of net/: they compile fast"),
    (r"spdlog", ("base/log.cc",), "base/log.h"),
    (r"yaml-cpp", ("service/config",), "service/config, which reads YAML for everyone"),
    (r"iostream", ("service/cli", "peers/cli"), "base/log.h, or return what the CLI prints"),
]


def library_includes(repository):
    for library, allowed, instead in LIBRARIES:
        for path in cpp_outside(repository, *allowed):
            for number, line, kind, target in includes(repository, path):
                if re.match(rf"{library}(?:[/.-]|$)", target):
                    yield Breach(path, number, line, f"use {instead}")


# ---------------------------------------------------------------- what code may not do


def console_output(repository):
    yield from matches(
        repository, cpp_outside(repository, "service/cli", "peers/cli"), r"\bstd::c(out|err|log)\b",
        "log with base/log.h, or return what service/cli prints",
    )


def clock_reads(repository):
    yield from matches(
        repository, cpp_outside(repository, "base/clock.cc"),
        r"\b(system_clock|steady_clock|high_resolution_clock|clock_type|tai_clock|utc_clock)\s*::"
        r"\s*now\b|\b(gettimeofday|clock_gettime)\s*\(|\btime\s*\(\s*(nullptr|NULL|0)\s*\)",
        "take the time as an argument, or a systask::Clock from whoever built you (base/clock.h)",
    )


def sleeping(repository):
    yield from matches(
        repository, repository.having(".h", ".cc"),
        r"\b(sleep_for|sleep_until|usleep|nanosleep)\b|(?<![\w.>])(::)?sleep\s*\(",
        "wait for an event (a promise, a condition, a timer's handler), or move the test's clock",
    )


def scratch_files(repository):
    tests = cpp_outside(repository, "tests/support/", "tests/bench/")
    yield from matches(
        repository, [path for path in tests if room_of(path) == "tests"], r"\b(TempDir|tmpnam|temp_directory_path)\s*\(",
        "take a systask::ScratchFolder (tests/support/scratch_folder.h): tests run side by side, "
        "and a file of a fixed name is another test's, too",
    )


def leftovers(repository):
    everything = (".h", ".cc", ".py", ".txt", ".cmake", ".sql", ".yaml", ".md", ".service", "dev")
    paths = [path for path in repository.having(*everything) if not path.startswith("tests/tidy/")]
    yield from matches(
        repository, paths, r"\b(FIXME|TODO|XXX)\b",
        "do it, or open an issue and leave the code without the marker", code=False,
    )


def using_std(repository):
    yield from matches(
        repository, repository.having(".h", ".cc"), r"\busing\s+namespace\s+std\s*;",
        "write std:: before the names, or a using declaration of one name in a .cc",
    )


def moving_members(repository):
    yield from matches(
        repository, repository.having(".h", ".cc"),
        r"\b(\w+)\[[^\]\n]*\]\s*=\s*\1(?:\.|->)at\([^()]*\);",
        "copy first: `row[a] = json::value(row.at(b))`; a new member may move all the others",
    )


def json_braces(repository):
    yield from matches(
        repository, repository.having(".h", ".cc"), r"\bjson::value(\s+\w+)?\s*\{\s*[^{}\s]",
        "json::value(x): with braces, Boost.JSON makes an array of the one value",
    )


# ---------------------------------------------------------------- how files look


def long_lines(repository):
    for path in repository.having(".h", ".cc"):
        for number, line in enumerate(repository.text(path).splitlines(), start=1):
            if len(line) > LONGEST_LINE:
                yield Breach(
                    path, number, f"{len(line)} columns: {line.strip()[:60]}...",
                    f"break it at {LONGEST_LINE}: ./dev fmt",
                )


def long_files(repository):
    for path in repository.having(".h", ".cc", ".py", ".sql"):
        lines = len(repository.text(path).splitlines())
        if lines <= LONGEST_FILE:
            continue
        readme = str(PurePosixPath(path).parent / "README.md")
        if readme in repository.paths and PurePosixPath(path).name in repository.text(readme):
            continue
        yield Breach(
            path, LONGEST_FILE + 1, f"{lines} lines",
            f"split it by what its parts are about, or say in {readme} why it is one",
        )


def header_guards(repository):
    for path in repository.having(".h"):
        if not re.search(r"^#pragma once$", repository.code(path), re.MULTILINE):
            yield Breach(path, 1, "no include guard", "put #pragma once after the opening comment")


def room_readmes(repository):
    populated = {room_of(path) for path in repository.having(".h", ".cc")}
    for room in ROOMS:
        if room in populated and f"{room}/README.md" not in repository.paths:
            yield Breach(
                f"{room}/README.md", 1, "is not there",
                "write a page: purpose, who may call it, main types in reading order, invariants",
            )


# ---------------------------------------------------------------- the build


def build_files(repository):
    return [path for path in repository.having("CMakeLists.txt", ".cmake")]


def cmake_globs(repository):
    yield from matches(
        repository, build_files(repository), r"(?i)\bfile\s*\(\s*GLOB(_RECURSE)?\b",
        "list the files by name, so that a forgotten or stray one is seen in review",
    )


def cmake_global_flags(repository):
    yield from matches(
        repository, build_files(repository),
        r"\bCMAKE_C(XX)?_FLAGS\w*|^\s*(?i:add_compile_options|add_definitions)\s*\(",
        "add the option to the target systask_options in cmake/Targets.cmake",
    )


def package_list(repository):
    if "packages.txt" not in repository.paths:
        return
    section, previous, seen = "", "", set()
    for number, line in enumerate(repository.text("packages.txt").splitlines(), start=1):
        heading = re.match(r"# \[([a-z]+)\]", line)
        if heading:
            section, previous = heading[1], ""
        package = line.split("#")[0].strip()
        if not package:
            continue
        instead = ""
        if not section:
            instead = "put it below the section that needs it, such as '# [build]'"
        elif package in seen:
            instead = "keep the first of the two"
        elif package < previous:
            instead = f"sort the section: {package} comes before {previous}"
        if instead:
            yield Breach("packages.txt", number, line.strip(), instead)
        seen.add(package)
        previous = package


def secrets(repository):
    named = re.compile(r"(^|/)(service\.secrets|\.env|id_(rsa|ed25519))$|\.(pem|key|p12|secrets)$")
    paths = repository.paths if repository.tracked is None else repository.tracked
    for path in paths:
        if named.search(path):
            yield Breach(path, 1, "looks like a secret", "git rm --cached it, and ignore its name")
    texts = [path for path in repository.paths if not path.endswith((".gz", ".png", ".db"))]
    yield from matches(
        repository, texts, r"^-----BEGIN [A-Z ]*PRIVATE KEY-----",
        "make keys when they are needed, in a test too; never keep one", code=False,
    )


RULES = {
    "room-includes": room_includes,
    "rooted-includes": rooted_includes,
    "room-links": room_links,
    "library-includes": library_includes,
    "console-output": console_output,
    "clock-reads": clock_reads,
    "sleeping": sleeping,
    "scratch-files": scratch_files,
    "leftovers": leftovers,
    "using-std": using_std,
    "moving-members": moving_members,
    "json-braces": json_braces,
    "long-lines": long_lines,
    "long-files": long_files,
    "header-guards": header_guards,
    "room-readmes": room_readmes,
    "cmake-globs": cmake_globs,
    "cmake-global-flags": cmake_global_flags,
    "package-list": package_list,
    "secrets": secrets,
}


def main():
    parser = argparse.ArgumentParser(description="Checks the rules of the repository.")
    parser.add_argument("--root", default=Path(__file__).resolve().parents[2])
    parser.add_argument("--list", action="store_true", help="print the names of the rules")
    parser.add_argument("rules", nargs="*", metavar="RULE", help="default: every rule")
    arguments = parser.parse_args()
    if arguments.list:
        print("\n".join(RULES))
        return 0
    unknown = [rule for rule in arguments.rules if rule not in RULES]
    if unknown:
        parser.error(f"no rule is named {', '.join(unknown)}; --list names them all")
    repository = Repository(arguments.root)
    if not repository.paths:
        parser.error(f"found no file to check in {repository.root}")
    failed = False
    for rule in arguments.rules or RULES:
        for breach in RULES[rule](repository):
            failed = True
            print(f"{breach.path}:{breach.line}: {rule}: {breach.offence}")
            print(f"    instead: {breach.instead}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
