"""`sipas serve`: the server, and the steps of starting it that `sipas run` shares."""

from __future__ import annotations

import gc
import logging
import signal
import socket
import sys
from dataclasses import replace
from types import FrameType

import click
import structlog
from flask import Flask
from waitress.server import BaseWSGIServer, create_server

from sipas import jobs
from sipas.app import create_app
from sipas.cli.waiter import Channel
from sipas.imports.fielding import field_instruments
from sipas.settings import Settings, read_settings
from sipas.store import migrate as migrations
from sipas.terms import SipasError, today
from sipas.web.house import House, open_house

LONGEST_BODY = 256 * 1024  # what the server reads at all; the pages' own limits are lower


COLLECT = (20_000, 20, 20)  # an answer makes few cycles, and a search for them takes as long as an answer


class BadAddressError(SipasError):
    """The server cannot listen where it was told to."""


@click.command("serve")
@click.option("--host", help="The address to listen on; default: SIPAS_HOST.")
@click.option("--port", type=int, help="The port to listen on; default: SIPAS_PORT.")
def serve(host: str | None, port: int | None) -> None:
    """Start the server without demonstration data."""
    settings = read_settings()
    settings = replace(settings, host=host or settings.host, port=settings.port if port is None else port)
    configure_log(settings)
    house = open_house(settings)
    try:
        prepare(house)
        listener = listen(settings.host, settings.port)
        clock = jobs.start_clock(house.store, house.keyring, house.shelf, house.settings)
        click.echo(f"Serving on {address_of(listener)} · signs are printed for {settings.public_url} · end with Ctrl-C")
        try:
            answer(create_app(house), listener, threads=settings.threads)
        finally:
            clock.stop()
    finally:
        house.store.close()
    click.echo("Stopped.")


def prepare(house: House) -> None:
    """Bring the database to the newest tables and write down what is asked; refuses questionnaires that were edited in the field."""
    migrations.upgrade(house.store)
    with house.store.write() as session:
        field_instruments(session, house.shelf, day=today(), demonstration=house.settings.demo)


def listen(host: str, port: int) -> socket.socket:
    """A bound socket; BadAddressError names the address that is taken or not ours."""
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(128)  # whoever comes while the tables are brought up to date waits instead of being turned away
    except OSError as error:
        listener.close()
        raise BadAddressError(
            f"cannot listen on {host}:{port}: {error.strerror}. Name another address in SIPAS_HOST and SIPAS_PORT, or with --host and --port"
        ) from error
    return listener


def address_of(listener: socket.socket) -> str:
    """``http://HOST:PORT`` of a bound socket."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def answer(app: Flask, listener: socket.socket, *, threads: int) -> None:
    """Answer requests until Ctrl-C or SIGTERM. Nothing is written down about them, no address above all."""
    server = create_server(
        app,
        sockets=[listener],
        threads=threads,
        ident="",
        channel_timeout=60,
        max_request_body_size=LONGEST_BODY,
        clear_untrusted_proxy_headers=True,
    )
    assert isinstance(server, BaseWSGIServer), "one socket, one server"
    server.channel_class = Channel
    signal.signal(signal.SIGTERM, _end)
    gc.freeze()  # what was opened at the start stays: looking through it again and again would cost every answer
    gc.set_threshold(*COLLECT)
    try:
        server.run()
    finally:
        server.close()


def configure_log(settings: Settings) -> None:
    """Log lines without a time: a moment beside an event about an answer would say when it came (decision 18)."""
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    structlog.configure(
        processors=[structlog.processors.add_log_level, structlog.processors.KeyValueRenderer(key_order=["level", "event"])],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
    )
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # depth of the queue at every burst says nothing to anybody


def _end(_signal: int, _frame: FrameType | None) -> None:
    raise SystemExit(0)
