"""Proves that mutants are written where they belong, and that an entry that fits no more is seen."""

import os
import subprocess
import tempfile
import unittest
from pathlib import Path

import entries
import mutants
from entries import ListError

SOURCE = """int limit() { return 3; }
int steps(int wanted) {
  int made = 0;
  if (wanted > limit()) return -1;
  while (made < wanted) {
    made += 1;  // one at a time
  }
  return made;
}
constexpr bool is_even(int number) { return number % 2 == 0; }
static_assert(is_even(2));
"""
LIST = """# a comment
= one step too many
a.cc
- while (made < wanted) {
+ while (made <= wanted) {
! room.Steps.Counts

= any number of steps
a.cc
- if (wanted > limit()) return -1;
+ if (wanted > limit() + 1) return -1;
! room.Steps.Counts

= the limit is not asked
a.cc
@ if (wanted > limit()) return -1;
- limit()
+ 100
! room.Steps.Counts

= no step is made
a.cc
- made += 1;  // one at a time
+ return 7;
! room.Steps.Counts

= odd is even
a.cc
@ constexpr bool is_even(int number) { return number % 2 == 0; }
- number % 2 == 0
+ number % 2 == 1
! room.Steps.Counts
"""
MAIN = "int main() { return 10 * steps(3) + (steps(4) + 1) + (is_even(limit()) ? 5 : 0); }\n"


def listed(text):
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "list.txt").write_text(text)
        return entries.read_lists(folder)


def one(line, new="+", extra=""):
    return f"= x\na.cc\n{extra}- {line}\n{new}\n! t.A.B\n"


class Entries(unittest.TestCase):
    def test_each_mutant_is_off_until_its_number_is_given(self):
        found = listed(LIST)
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder)
            (root / "tests/mutants").mkdir(parents=True)
            (root / "tests/mutants/switch.h").write_bytes(
                (Path(__file__).parent / "switch.h").read_bytes())
            (root / "a.cc").write_text(entries.switched(SOURCE, found) + MAIN)
            subprocess.run([os.environ.get("CXX", "c++"), "-std=c++20", "-I", folder, "-o", root / "a", root / "a.cc"],
                           check=True)
            expected = [40, 35, 35, 70, 35]
            results = {"": 30, **{str(each.number): told for each, told in zip(found, expected)}}
            for number, told in results.items():
                done = subprocess.run([root / "a"], env={"SYSTASK_MUTANT": number})
                self.assertEqual(done.returncode, told, number)

    def test_a_line_that_is_not_there_once_is_an_error(self):
        for line in ("int made = 1;", "}"):
            with self.assertRaisesRegex(ListError, "list.txt:1: 'x'.*a.cc"):
                entries.switched(SOURCE, listed(one(line)))

    def test_the_line_before_tells_two_lines_apart(self):
        text = "a();\nreturn;\nb();\nreturn;\n"
        for before, line in (("> b();\n", 5), ("> a();\n", 3), ("> return;\n> b();\n", 5)):
            found = listed(one("return;", extra=before))
            self.assertTrue(entries.switched(text, found).split("\n")[line].startswith("if ("))
        with self.assertRaisesRegex(ListError, "no more"):
            entries.switched(text, listed(one("return;", extra="> a();\n> b();\n")))

    def test_what_is_no_statement_has_to_name_its_part(self):
        for line in ("while (made < wanted) {", "int steps(int wanted) {", "int made = 0;"):
            with self.assertRaisesRegex(ListError, "no statement"):
                entries.switched(SOURCE, listed(one(line, "+ return 1;")))

    def test_a_piece_of_a_string_is_no_expression(self):
        for text, line in (('a("b"\n  "c");\n', 'a("b"'), ('a("b"\n  "c");\n', '"c");')):
            old = line.strip("a();")
            with self.assertRaisesRegex(ListError, "goes on beside it"):
                entries.switched(text, listed(one(old, '+ "d"', extra=f"@ {line}\n")))
        found = listed(one('"b"', '+ "d"', extra='@ a("b");\n'))
        self.assertIn('? ("d") : ("b")', entries.switched('a("b");\n', found))

    def test_an_entry_that_lacks_something_and_a_name_used_twice_are_errors(self):
        for text in ("= x\na.cc\n- y;\n+\n", "= x\n- y;\n+\n! t\n", "= x\na.cc\n- y;\n! t\n"):
            with self.assertRaisesRegex(ListError, "list.txt:1: the entry has no"):
                listed(text)
        with self.assertRaisesRegex(ListError, "list.txt:7: list.txt:1 has this name"):
            listed(one("a;") + "\n" + one("b;"))


class Lists(unittest.TestCase):
    def test_a_test_is_known_by_the_name_that_ctest_gives_it(self):
        written = {"Suite.Case", "Many.Case/", "file_test.Class.test_it"}
        for name in ("room.Suite.Case", "room.Every/Many.Case/3", "room.Many/0.Case",
                     "room.Every/Many/0.Case", "system.file_test.Class.test_it"):
            self.assertTrue(mutants.is_written(name, written), name)
        for name in ("room.Suite.Other", "room.Many.Case", "room.Every/Suite.Case"):
            self.assertFalse(mutants.is_written(name, written), name)

    def test_a_word_chooses_a_room_or_else_a_name(self):
        room = listed(one("a;").replace("a.cc", "base/a.cc") + "\n" +
                      one("b;").replace("= x", "= base"))
        self.assertEqual([each.name for each in mutants.chosen(room, "base")], ["x"])
        self.assertEqual([each.name for each in mutants.chosen(room, "ba")], ["base"])


if __name__ == "__main__":
    unittest.main()
