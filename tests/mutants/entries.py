"""The lists of mutants, and how a mutant is written into a source beside the right line.

An entry is a block of lines, with an empty line after it:

    = NAME                 why it is wrong; names are unique over all lists
    FILE                   from the root of the repository
    > LINE BEFORE          only where the line alone is in the file more than once; several of
                           these are the lines before it, in their order
    @ LINE                 only where a part of it is replaced
    - OLD                  the whole line, or that part of it
    + NEW                  what stands there instead, or nothing
    ! TEST                 the test that notices: `system.FILE.CLASS.TEST`, ROOM.SUITE.CASE with
                           the words that GoogleTest has for it; `seeds` is the simulator

A whole line is a statement and becomes `if (on) { NEW } else { OLD }`; where an `if` or a `while`
differs in its condition, that alone is replaced. A part of a line is an expression and becomes
`(on ? (NEW) : (OLD))`. So all mutants are in one program, and each is switched on by its number.
"""

import re
import zlib
from pathlib import Path
from typing import NamedTuple

MARKS = {"=": "name", ">": "before", "@": "line", "-": "old", "+": "new", "!": "test"}
SEEDS = "seeds"


class Mutant(NamedTuple):
    name: str
    path: str
    before: str
    line: str
    old: str
    new: str
    test: str
    place: str  # list:line of its entry

    @property
    def number(self):
        """The same on every run, so that a new entry makes no other file compile again."""
        return zlib.crc32(self.name.encode())

    @property
    def is_part(self):
        return self.old != self.line


class ListError(Exception):
    """What is wrong with an entry, with its place."""


def _entry(place, block):
    found = {name: "" for name in MARKS.values()}
    for text in block:
        mark, words = text[:1], text[1:].strip()
        name = MARKS.get(mark, "path") if text[1:2] in ("", " ") else "path"
        words = text.strip() if name == "path" else words
        if name == "before" and found[name]:
            words = found[name] + "\n" + words
        elif found.get(name):
            raise ListError(f"{place}: a second line of the same kind: {text}")
        found[name] = words
    missing = [name for name in ("name", "path", "old", "test") if not found.get(name)]
    if missing or not any(text.startswith("+") for text in block):
        raise ListError(f"{place}: the entry has no {', '.join(missing) or 'line +'}")
    found["line"] = found["line"] or found["old"]
    return Mutant(**found, place=place)


def read_list(path):
    mutants, block, begun = [], [], 0
    for number, text in enumerate([*path.read_text().splitlines(), ""], start=1):
        if text.startswith("#"):
            continue
        if text.strip():
            begun = begun if block else number
            block.append(text)
        elif block:
            mutants.append(_entry(f"{path.name}:{begun}", block))
            block = []
    return mutants


def read_lists(folder):
    """All mutants of the lists in a folder; two of one name, or of one number, are an error."""
    mutants = [one for path in sorted(Path(folder).glob("*.txt")) for one in read_list(path)]
    seen = {}
    for mutant in mutants:
        if mutant.number in seen:
            raise ListError(f"{mutant.place}: {seen[mutant.number]} has this name: {mutant.name}")
        seen[mutant.number] = mutant.place
    return mutants


# ---------------------------------------------------------------- where a mutant goes


def _declares(line):
    """What it declares would be gone at the end of the mutant's braces."""
    return re.match(r"(const|auto|static|constexpr|using) |(?!return |throw |delete |co_)"
                    r"[\w:<>,]+[&*]? [\w\[\]]+ ?(=|\{|;|\()", line) is not None


def _condition(line):
    """(first, last) of the condition of a line that begins an if or a while, or None."""
    head = re.match(r"(\} else )?(if|while) \(", line)
    if not head:
        return None
    depth = 1
    for at in range(head.end(), len(line)):
        depth += {"(": 1, ")": -1}.get(line[at], 0)
        if depth == 0:
            return head.end(), at
    return None


def line_of(mutant, lines):
    """The index of its line; ListError where the line is not there exactly once."""
    before = mutant.before.split("\n") if mutant.before else []
    places = [i for i, line in enumerate(lines) if line.strip() == mutant.line and
              i >= len(before) and [each.strip() for each in lines[i - len(before):i]] == before]
    if len(places) != 1:
        where = "is there no more" if not places else f"is there {len(places)} times"
        raise ListError(f"{mutant.place}: '{mutant.name}': the line {where}, "
                        f"in {mutant.path}: {mutant.line}")
    return places[0]


def part_of(mutant):
    """(first, last, new) of the expression to replace in its line, or None for a statement."""
    line = mutant.line
    if mutant.is_part:
        if line.count(mutant.old) != 1:
            raise ListError(f"{mutant.place}: '{mutant.name}': the part is not once in its line: "
                            f"{mutant.old}")
        first = line.index(mutant.old)
        return first, first + len(mutant.old), mutant.new
    old, new = _condition(line), _condition(mutant.new)
    if old and new and line[:old[0]] == mutant.new[:new[0]] and line[old[1]:] == mutant.new[new[1]:]:
        return old[0], old[1], mutant.new[new[0]:new[1]]
    if not re.search(r";(\s*//.*)?$", line) or line.startswith("} else") or _declares(line):
        raise ListError(f"{mutant.place}: '{mutant.name}': this line is no statement: give it as "
                        f"'@ LINE' and say which expression of it is replaced: {line}")
    return None


def _choices(line, first, last, parts, place):
    """That stretch of the line with its parts replaced; a part may lie inside another."""
    text, at = "", first
    inside = sorted(((part, choices) for part, choices in parts.items()
                     if first <= part[0] and part[1] <= last),
                    key=lambda one: (one[0][0], -one[0][1]))
    for (begin, end), choices in inside:
        if end <= at:
            continue  # it lies in the one before, which has it already
        if begin < at:
            raise ListError(f"{place}: parts of one line overlap: {line}")
        within = {part: those for part, those in parts.items() if part != (begin, end)}
        part = f"({_choices(line, begin, end, within, place)})"
        for number, new in choices:
            part = f"(systask_mutants::on({number}UL) ? ({new}) : {part})"
        text, at = text + line[at:begin] + part, end
    return text + line[at:last]


def _check_literals(mutant, lines, index):
    """Two string literals beside each other are one: an expression that ends in between is none."""
    part = part_of(mutant)
    if not part:
        return
    line = lines[index].strip()
    before = (" ".join(lines[max(0, index - 1):index]) + line[:part[0]]).rstrip()
    after = (line[part[1]:] + " ".join(lines[index + 1:index + 2])).lstrip()
    if line[part[0]] == '"' == before[-1:] or line[part[1] - 1] == '"' == after[:1]:
        raise ListError(f"{mutant.place}: '{mutant.name}': the part is a piece of a string that goes "
                        f"on beside it: name all of it, or write it as one literal: {line}")


def _switched(line, mutants):
    """The line with all its mutants in it."""
    parts = {}
    for mutant in mutants:
        if part := part_of(mutant):
            parts.setdefault(part[:2], []).append((mutant.number, part[2]))
    line = _choices(line, 0, len(line), parts, mutants[0].place)
    for mutant in mutants:
        if not part_of(mutant):
            line = (f"if (systask_mutants::on({mutant.number}UL)) {{ {mutant.new}\n}} else {{ "
                    f"{line}\n}}")
    return line


def switched(text, mutants):
    """A source with all its mutants in it, each of them off until it is asked for."""
    lines, at = text.split("\n"), {}
    for mutant in mutants:
        index = line_of(mutant, lines)
        _check_literals(mutant, lines, index)
        at.setdefault(index, []).append(mutant)
    for index, here in at.items():
        lines[index] = _switched(lines[index].strip(), here)
    return '#include "tests/mutants/switch.h"\n#line 1\n' + "\n".join(lines)
