"""Every kind of answer comes whole over a real socket."""

from __future__ import annotations

import http.client
import io
import threading
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from waitress.server import create_server

from sipas.cli.waiter import Channel

LONG = b"abcdefgh" * 1_000_000  # more than any socket takes at once
FILE = b"0123456789" * 20_000


def application(environ, start_response) -> Iterable[bytes]:
    path = environ["PATH_INFO"]
    if path == "/nothing":
        start_response("204 No Content", [])
        return []
    if path == "/away":
        start_response("303 See Other", [("Location", "/"), ("Content-Length", "0")])
        return [b""]
    if path == "/pieces":
        start_response("200 OK", [("Content-Type", "text/plain")])
        return (b"%d;" % number for number in range(1000))
    if path == "/file":
        start_response("200 OK", [("Content-Length", str(len(FILE)))])
        return environ["wsgi.file_wrapper"](io.BytesIO(FILE))
    if path == "/broken":
        raise ValueError(path)
    body = LONG if path == "/long" else environ["wsgi.input"].read() or b"page"
    start_response("200 OK", [("Content-Length", str(len(body)))])
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]  # as Flask does


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    server = create_server(application, host="127.0.0.1", port=0, threads=4, ident="")
    server.channel_class = Channel
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield server.effective_port
    server.close()


CASES = (
    ("GET", "/", b"", 200, b"page"),
    ("HEAD", "/", b"", 200, b""),
    ("POST", "/", b"x" * 40_000, 200, b"x" * 40_000),
    ("GET", "/nothing", b"", 204, b""),
    ("GET", "/away", b"", 303, b""),
    ("GET", "/pieces", b"", 200, b"".join(b"%d;" % number for number in range(1000))),
    ("GET", "/file", b"", 200, FILE),
    ("GET", "/long", b"", 200, LONG),
)


def test_one_connection_carries_every_kind_of_answer_whole(port: int) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    for method, path, body, status, expected in CASES * 2:
        connection.request(method, path, body)
        reply = connection.getresponse()
        assert (reply.status, reply.read()) == (status, expected), path


def test_a_slow_reader_gets_all_of_a_long_page(port: int) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", "/long")
    time.sleep(0.3)
    assert connection.getresponse().read() == LONG


def test_a_failure_of_the_application_is_answered(port: int) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", "/broken")
    assert connection.getresponse().status == 500


def test_an_idle_server_rests(port: int) -> None:
    """The main loop turns only when something happens."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", "/")
    connection.getresponse().read()
    before = time.process_time()
    time.sleep(0.5)
    assert time.process_time() - before < 0.1, Path("/proc/loadavg").read_text()
