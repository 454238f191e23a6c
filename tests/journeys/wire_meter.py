"""A wire with a meter: every byte between a browser and a server, whoever asked for it (page, worker, icon), headers included."""

from __future__ import annotations

import re
import socket
import socketserver
from threading import Lock, Thread
from urllib.parse import urlsplit

ASKED = re.compile(rb"(?:^|\r\n\r\n)(?:GET|HEAD|POST|PUT|OPTIONS) \S+ HTTP/1\.1\r\n")


class Carrier(socketserver.BaseRequestHandler):
    """One connection, both ways."""

    server: Wire
    request: socket.socket

    def handle(self) -> None:
        with socket.create_connection(self.server.target) as onward:
            back = Thread(target=self._carry, args=(onward, self.request, "down"), daemon=True)
            back.start()
            self._carry(self.request, onward, "up")
            back.join()

    def _carry(self, source: socket.socket, sink: socket.socket, way: str) -> None:
        try:
            while content := source.recv(65_536):
                self.server.count(way, content)
                sink.sendall(content)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            return  # either side may hang up


class Wire(socketserver.ThreadingTCPServer):
    """Stands before one server; ``address`` is what the browser opens instead."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, address: str) -> None:
        super().__init__(("127.0.0.1", 0), Carrier)
        parts = urlsplit(address)
        self.target = (parts.hostname or "127.0.0.1", parts.port or 80)
        self.address = f"http://127.0.0.1:{self.server_address[1]}"
        self.lock = Lock()
        self.down = self.up = self.requests = 0
        Thread(target=self.serve_forever, daemon=True).start()

    def count(self, way: str, content: bytes) -> None:
        with self.lock:
            if way == "down":
                self.down += len(content)
            else:
                self.up += len(content)
                self.requests += len(ASKED.findall(content))

    def clear(self) -> None:
        """Begin at nought."""
        with self.lock:
            self.down = self.up = self.requests = 0
