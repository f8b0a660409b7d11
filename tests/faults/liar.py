"""A proxy between sites and the service that tells one lie: it loses one message, says one twice,
or swaps two. What it did is in `told`: the ids of the messages.

The sites of a drill come here because of the library in detour/ (SYSTASK_DETOUR_LIBRARY).
"""

import json
import os
import socket
import struct
import threading
from pathlib import Path

DETOUR = os.environ.get("SYSTASK_DETOUR_LIBRARY", "libsystask_detour.so")
FILL = "asset.algo.realdeal"
TRUE_FILLS = 2  # of a plan, before the lie


class Liar:
    """Use it in a with statement; `environment` is for the drill."""

    def __init__(self, lie, directory):
        self._lie = lie
        self._meant = Path(directory, "meant")
        self._lock = threading.Lock()
        self._fills = {}   # plan -> fills pushed so far
        self._kept = None  # the push that the lie holds back, or says again
        self._plan = None
        self.told = []
        self._server = socket.create_server(("127.0.0.1", 0))
        self.environment = {"LD_PRELOAD": DETOUR, "SYSTASK_DETOUR_MEANT": str(self._meant),
                            "SYSTASK_DETOUR": str(self._server.getsockname()[1])}

    def __enter__(self):
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_):
        self._server.close()

    def _accept(self):
        while True:
            try:
                site, _ = self._server.accept()
            except OSError:
                return
            service = socket.create_connection(("127.0.0.1", int(self._meant.read_text())))
            threading.Thread(target=self._pass_on, args=(site, service), daemon=True).start()
            threading.Thread(target=self._listen, args=(service, site), daemon=True).start()

    @staticmethod
    def _pass_on(source, target):
        try:
            while data := source.recv(65536):
                target.sendall(data)
        except OSError:
            pass
        finally:
            target.close()

    def _listen(self, service, site):
        """What the service says: the answer to the upgrade, and then frames."""
        try:
            with service.makefile("rb") as stream:
                while (line := stream.readline()):
                    site.sendall(line)
                    if line == b"\r\n":
                        break
                while (head := stream.read(2)):
                    size = head[1] & 0x7F
                    if size == 126:
                        size = struct.unpack("!H", stream.read(2))[0]
                    elif size == 127:
                        size = struct.unpack("!Q", stream.read(8))[0]
                    for text in self._said(head[0], stream.read(size)):
                        site.sendall(frame(head[0], text))
        except (OSError, ValueError):
            pass
        finally:
            site.close()

    def _said(self, kind, payload):
        """The payloads that the site gets for this one."""
        if kind != 0x81:
            return [payload]
        push = json.loads(payload)
        if push.get("seq") is None:
            return [payload]
        with self._lock:
            return [json.dumps(one).encode() for one in getattr(self, f"_{self._lie}")(push)]

    def _is_next(self, push):
        """Whether this fill is to be lied about: the third of whichever plan has three first."""
        if push["topic"] != FILL or self.told:
            return False
        count = self._fills.get(push["plan"], 0)
        self._fills[push["plan"]] = count + 1
        return count >= TRUE_FILLS

    def _lose(self, push):
        if not self._is_next(push):
            return [push]
        self.told.append(push["body"]["message_id"])
        return [{**push, "topic": "asset.algo.skip", "body": {"reason": "duplicate"}}]

    def _repeat(self, push):
        before = self._kept
        if self._is_next(push) and before is not None and before["plan"] == push["plan"]:
            self.told.append(before["body"]["message_id"])
            return [{**push, "body": before["body"]}]
        if push["topic"] == FILL:
            self._kept = push
        return [push]

    def _swap(self, push):
        kept = self._kept
        if kept is not None and push["plan"] == self._plan:
            self._kept = None
            self.told += [one["body"]["message_id"] for one in (kept, push)]
            return [{**kept, "topic": push["topic"], "body": push["body"]},
                    {**push, "topic": kept["topic"], "body": kept["body"]}]
        if kept is None and self._is_next(push):
            self._kept, self._plan = push, push["plan"]
            return []
        return [push]


def frame(kind, payload):
    size = len(payload)
    if size < 126:
        return bytes([kind, size]) + payload
    if size < 1 << 16:
        return bytes([kind, 126]) + struct.pack("!H", size) + payload
    return bytes([kind, 127]) + struct.pack("!Q", size) + payload
