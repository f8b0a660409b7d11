"""The files of the repository, as the rules see them.

A Repository is read once per run. paths() are relative to the root, with forward slashes;
text() is a file as it stands, code() the same with comments and literals blanked out, line
for line, so that a rule about code does not trip over words about it.
"""

import fnmatch
import functools
import re
import subprocess
from pathlib import Path

# A comment, a raw string, a string, a character; the quote in 1'000 begins none of them.
_CPP_SILENT = re.compile(
    r"//[^\n]*|/\*.*?\*/|R\"([^(\s]{0,16})\(.*?\)\1\""
    r"|\"(?:\\.|[^\"\\\n])*\"|(?<![0-9A-Fa-f])'(?:\\.|[^'\\\n])+'",
    re.DOTALL,
)
_HASH_SILENT = re.compile(r"#[^\n]*")


def _blank(match):
    return "\n" * match.group(0).count("\n")


class Repository:
    def __init__(self, root):
        self.root = Path(root).resolve()

    @functools.cached_property
    def tracked(self):
        """What git tracks, or nothing where there is no git to ask."""
        return self._git("ls-files", "-z")

    @functools.cached_property
    def paths(self):
        """Tracked files and new ones that git does not ignore; without git, a walk."""
        listed = self._git("ls-files", "-z", "--cached", "--others", "--exclude-standard")
        found = self._walk() if listed is None else listed
        return sorted(path for path in set(found) if (self.root / path).is_file())

    def having(self, *suffixes):
        return [path for path in self.paths if path.endswith(suffixes)]

    @functools.lru_cache(maxsize=None)
    def text(self, path):
        return (self.root / path).read_text(encoding="utf-8", errors="replace")

    @functools.lru_cache(maxsize=None)
    def code(self, path):
        silent = _CPP_SILENT if path.endswith((".h", ".cc")) else _HASH_SILENT
        return silent.sub(_blank, self.text(path))

    def _git(self, *arguments):
        if not (self.root / ".git").exists():
            return None
        try:
            answer = subprocess.run(
                ["git", "-C", str(self.root), *arguments], capture_output=True, check=True
            )
        except (OSError, subprocess.CalledProcessError):
            return None
        return [name for name in answer.stdout.decode().split("\0") if name]

    def _walk(self):
        ignored = [".git", "build", *self._ignore_patterns()]
        waiting = [self.root]
        while waiting:
            for entry in sorted(waiting.pop().iterdir()):
                path = entry.relative_to(self.root).as_posix()
                if any(fnmatch.fnmatch(path, pattern) for pattern in ignored):
                    continue
                if entry.is_dir() and not entry.is_symlink():
                    waiting.append(entry)
                else:
                    yield path

    def _ignore_patterns(self):
        listed = self.root / ".gitignore"
        if not listed.exists():
            return []
        return [line.strip().strip("/") for line in listed.read_text().splitlines() if line.strip()]
