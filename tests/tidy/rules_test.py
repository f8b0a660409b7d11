"""Proves that each rule sees the breaches it is for, where they are, and nothing else."""

import contextlib
import io
import subprocess
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import rules
from repository import Repository

# rule -> files planted, and the path:line pairs that must be reported.
BREACHES = {
    "room-includes": [
        ({"trading/a.h": '#pragma once\n\n#include "scheduler/run.h"\n'}, ["trading/a.h:3"]),
        ({"scheduler/a.cc": '#include "trading/plan.h"\n'}, ["scheduler/a.cc:1"]),
        ({"base/a.cc": '#include "net/http.h"\n'}, ["base/a.cc:1"]),
        ({"tasks/a.cc": '# include "db/store.h"\n'}, ["tasks/a.cc:1"]),
        ({"peers/a.cc": '#include "service/config.h"\n'}, ["peers/a.cc:1"]),
        ({"service/other.cc": '#include "peers/site.h"\n'}, ["service/other.cc:1"]),
        ({"db/a.cc": '#include "tests/support/world.h"\n'}, ["db/a.cc:1"]),
    ],
    "rooted-includes": [
        ({"net/a.cc": '#include "../base/log.h"\n'}, ["net/a.cc:1"]),
        ({"tests/unit/net/a.cc": '\n#include "world.h"\n'}, ["tests/unit/net/a.cc:2"]),
    ],
    "room-links": [
        ({"trading/CMakeLists.txt": "systask_room(trading\n  LINKS systask_db)\n"},
         ["trading/CMakeLists.txt:2"]),
    ],
    "library-includes": [
        ({"trading/a.cc": "#include <soci/soci.h>\n"}, ["trading/a.cc:1"]),
        ({"tests/unit/trading/a.cc": "#include <soci.h>\n"}, ["tests/unit/trading/a.cc:1"]),
        ({"service/a.cc": "#include <boost/beast/http.hpp>\n"}, ["service/a.cc:1"]),
        ({"net/a.cc": "#include <spdlog/spdlog.h>\n"}, ["net/a.cc:1"]),
        ({"scheduler/a.cc": "#include <yaml-cpp/yaml.h>\n"}, ["scheduler/a.cc:1"]),
        ({"db/a.cc": "#include <iostream>\n"}, ["db/a.cc:1"]),
    ],
    "console-output": [
        ({"trading/a.cc": 'void say() {\n  std::cout << "x";\n}\n'}, ["trading/a.cc:2"]),
    ],
    "clock-reads": [
        ({"scheduler/a.cc": "auto a = std::chrono::system_clock::now();\n"}, ["scheduler/a.cc:1"]),
        ({"tests/unit/a.cc": "\nauto a = steady_clock :: now();\n"}, ["tests/unit/a.cc:2"]),
        ({"db/a.cc": "auto a = time(nullptr);\n"}, ["db/a.cc:1"]),
    ],
    "sleeping": [
        ({"tests/unit/a.cc": "std::this_thread::sleep_for(1s);\n"}, ["tests/unit/a.cc:1"]),
        ({"net/a.cc": "\n\n  ::sleep(1);\n  usleep(3);\n"}, ["net/a.cc:3", "net/a.cc:4"]),
    ],
    "scratch-files": [
        ({"tests/unit/a.cc": 'auto file = testing::TempDir() + "a";\n'}, ["tests/unit/a.cc:1"]),
    ],
    "leftovers": [
        ({"trading/a.cc": "// FIXME: later\n"}, ["trading/a.cc:1"]),
        ({"docs/a.md": "one\nTODO: two\n"}, ["docs/a.md:2"]),
    ],
    "json-braces": [
        ({"service/a.cc": "auto a = json::value{id};\n\nboost::json::value b{ 1 };\n"},
         ["service/a.cc:1", "service/a.cc:3"]),
    ],
    "using-std": [({"db/a.cc": "using namespace std;\n"}, ["db/a.cc:1"])],
    "moving-members": [({"db/a.cc": 'row["a"] = row.at("b");\n'}, ["db/a.cc:1"]),
                       ({"db/a.cc": 'row["a"] = json::value(row.at("b"));\n'}, [])],
    "long-lines": [({"db/a.cc": "// short\n// " + "x" * 98 + "\n"}, ["db/a.cc:2"])],
    "long-files": [
        ({"db/a.cc": "//\n" * 501}, ["db/a.cc:501"]),
        ({"db/a.cc": "//\n" * 501, "db/README.md": "b.cc is long\n"}, ["db/a.cc:501"]),
    ],
    "header-guards": [({"db/a.h": "// #pragma once\nint a;\n"}, ["db/a.h:1"])],
    "room-readmes": [({"db/a.cc": "int a;\n"}, ["db/README.md:1"])],
    "cmake-globs": [
        ({"db/CMakeLists.txt": "# why\nfile(GLOB sources *.cc)\n"}, ["db/CMakeLists.txt:2"]),
    ],
    "cmake-global-flags": [
        ({"db/CMakeLists.txt": 'set(CMAKE_CXX_FLAGS "-O3")\n'}, ["db/CMakeLists.txt:1"]),
        ({"cmake/Extra.cmake": "add_compile_options(-w)\n"}, ["cmake/Extra.cmake:1"]),
    ],
    "package-list": [
        ({"packages.txt": "# [build] x\nmold # links\ncmake # builds\n"}, ["packages.txt:3"]),
        ({"packages.txt": "# [build] x\nmold\n# [test] y\nmold\n"}, ["packages.txt:4"]),
        ({"packages.txt": "mold\n# [build] x\n"}, ["packages.txt:1"]),
    ],
    "secrets": [
        ({"service.secrets": "site A 00\n"}, ["service.secrets:1"]),
        ({"tests/a.cc": "int a;\n-----BEGIN EC PRIVATE KEY-----\n"}, ["tests/a.cc:2"]),
    ],
}

# What no rule may object to.
ALLOWED = {
    "db/README.md": "store.cc is long because it is one table.\n",
    "db/store.cc": '#include <soci/soci.h>\n#include "trading/plan.h"\n' + "//\n" * 600,
    "db/CMakeLists.txt": "# no file(GLOB\nsystask_room(db LINKS systask_base)\n",
    "net/README.md": "x\n",
    "net/http.cc": "#include <boost/beast/http.hpp>\n// never sleep_for, never std::cout\n",
    "base/README.md": "x\n",
    "base/clock.cc": "auto a = std::chrono::system_clock::now();\n",
    "base/log.cc": '#include <spdlog/spdlog.h>\nauto a = "sleep_for";\n',
    "base/log.h": "// why\n#pragma once\nint kept = 1'000'000; /* std::cout\n std::cout */\n",
    "service/README.md": "x\n",
    "service/all_commands.cc": '#include "peers/site.h"\n#include "service/application.h"\n',
    "service/config.cc": "#include <yaml-cpp/yaml.h>\n// " + "é" * 97 + "\n",
    "service/cli/tables.cc": "#include <iostream>\nvoid f() { std::cout << a.sleep(3); }\n",
    "tests/unit/a.cc": '#include "db/store.h"\n#include "peers/site.h"\n',
    "tests/unit/b.cc": 'auto a = R"(\n::sleep(1))";\n',
    "packages.txt": "# what is needed\n\n# [build] x\ncmake # y\nmold\n# [test] z\ngit\n",
}


def plant(root, files):
    for path, content in files.items():
        (Path(root) / path).parent.mkdir(parents=True, exist_ok=True)
        (Path(root) / path).write_text(content, encoding="utf-8")


class RulesTest(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.root = directory.name

    def found(self, rule):
        return [f"{b.path}:{b.line}" for b in rules.RULES[rule](Repository(self.root))]

    def test_every_rule_has_a_breach_to_see(self):
        self.assertEqual(set(BREACHES), set(rules.RULES))

    def test_each_breach_is_seen_where_it_is(self):
        for rule, plants in BREACHES.items():
            for files, expected in plants:
                with self.subTest(rule=rule, files=list(files)):
                    with tempfile.TemporaryDirectory() as self.root:
                        plant(self.root, files)
                        self.assertEqual(self.found(rule), expected)

    def test_what_is_allowed_passes_every_rule(self):
        plant(self.root, ALLOWED)
        for rule in rules.RULES:
            with self.subTest(rule=rule):
                self.assertEqual(self.found(rule), [])

    def test_a_walk_skips_what_is_built_and_what_is_ignored(self):
        built = {"build/a.cc": "usleep(1);", "service.secrets": "x", "systask.db-wal": "x"}
        plant(self.root, {".gitignore": "/build/\n/service.secrets\n/systask.db*\n", **built})
        self.assertEqual(Repository(self.root).paths, [".gitignore"])

    def test_git_says_which_files_there_are(self):
        try:
            subprocess.run(["git", "init", "-q", self.root], check=True)
        except OSError:
            self.skipTest("git is not installed")
        plant(self.root, {".gitignore": "/ignored.cc\n", "ignored.cc": "x", "new.cc": "usleep(1);"})
        self.assertEqual(Repository(self.root).paths, [".gitignore", "new.cc"])
        self.assertEqual(Repository(self.root).tracked, [])

    def test_a_breach_is_printed_with_what_to_use_instead_and_fails(self):
        plant(self.root, {"net/README.md": "x\n", "net/a.cc": "int a;\nusleep(1);\n"})
        printed = io.StringIO()
        arguments = ["rules.py", "--root", self.root, "sleeping"]
        with mock.patch("sys.argv", arguments), contextlib.redirect_stdout(printed):
            self.assertEqual(rules.main(), 1)
        self.assertIn("net/a.cc:2: sleeping: usleep(1);", printed.getvalue())
        self.assertIn("instead: wait for an event", printed.getvalue())


if __name__ == "__main__":
    unittest.main()
