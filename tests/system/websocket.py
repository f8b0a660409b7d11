"""A WebSocket client over a plain socket, as small as the protocol allows (RFC 6455).

Text frames only, both ways. receive() may be called by one thread while others send().
"""

import base64
import hashlib
import os
import socket
import struct
import threading

GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
TEXT, CLOSE, PING, PONG = 1, 8, 9, 10


class Closed(Exception):
    """The other end is gone; code is its close code, or None where it gave none."""

    def __init__(self, code=None):
        super().__init__(f"connection closed, code {code}")
        self.code = code


class WebSocket:
    def __init__(self, host, port, path="/ws", timeout=10):
        self._socket = socket.create_connection((host, port), timeout)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._stream = self._socket.makefile("rb")
        self._sending = threading.Lock()
        self._shake_hands(f"{host}:{port}", path)
        self._socket.settimeout(None)

    def _shake_hands(self, host, path):
        key = base64.b64encode(os.urandom(16)).decode()
        self._socket.sendall(
            f"GET {path} HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\n"
            "Sec-WebSocket-Version: 13\r\n\r\n".encode())
        status = self._stream.readline()
        if b" 101 " not in status:
            raise Closed()
        headers = {}
        while (line := self._stream.readline().strip()):
            name, _, value = line.decode().partition(":")
            headers[name.lower()] = value.strip()
        expected = base64.b64encode(hashlib.sha1((key + GUID).encode()).digest()).decode()
        assert headers.get("sec-websocket-accept") == expected, headers

    def send(self, text, kind=TEXT, final=True):
        payload = text if isinstance(text, bytes) else text.encode()
        size = len(payload)
        head = bytes([(0x80 if final else 0) | kind])
        if size < 126:
            head += bytes([0x80 | size])
        elif size < 1 << 16:
            head += bytes([0x80 | 126]) + struct.pack("!H", size)
        else:
            head += bytes([0x80 | 127]) + struct.pack("!Q", size)
        mask = os.urandom(4)
        width = (mask * (size // 4 + 1))[:size]
        masked = (int.from_bytes(payload, "big") ^ int.from_bytes(width, "big"))
        self.send_bytes(head + mask + masked.to_bytes(size, "big"))

    def send_bytes(self, data):
        """What may be no frame at all."""
        try:
            with self._sending:
                self._socket.sendall(data)
        except OSError as error:
            raise Closed() from error

    def receive(self):
        """The next text message; Closed when there will be none."""
        message = b""
        while True:
            final, kind, payload = self._frame()
            if kind == CLOSE:
                raise Closed(struct.unpack("!H", payload[:2])[0] if len(payload) > 1 else None)
            if kind == PING:
                self.send(payload, PONG)
            elif kind != PONG:
                message += payload
                if final:
                    return message.decode()

    def _frame(self):
        first, second = self._exactly(2)
        size = second & 0x7F
        if size == 126:
            size = struct.unpack("!H", self._exactly(2))[0]
        elif size == 127:
            size = struct.unpack("!Q", self._exactly(8))[0]
        return bool(first & 0x80), first & 0x0F, self._exactly(size)

    def _exactly(self, size):
        try:
            data = self._stream.read(size)
        except (OSError, ValueError) as error:
            raise Closed() from error
        if len(data) < size:
            raise Closed()
        return data

    def cut(self):
        """As a kill does it: no close frame, the socket is just gone."""
        try:
            self._socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass  # the other end was faster
        self._stream.close()
        self._socket.close()
