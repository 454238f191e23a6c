"""`sipas run`: the demonstration, served at once and loaded beside it. What `make run` calls."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from io import StringIO
from pathlib import Path
from types import MappingProxyType

import click
import qrcode

from sipas import jobs
from sipas.app import create_app
from sipas.cli.demo import Bar, open_or_make_keys, place_devices, renew_accounts, told
from sipas.cli.serve import BadAddressError, address_of, answer, configure_log, listen, prepare
from sipas.demo import building as demonstration
from sipas.settings import Settings, environment_with, read_settings
from sipas.store import migrate as migrations
from sipas.store.engine import Store
from sipas.store.locks import only_one
from sipas.store.units import UnknownUnitError, find_unit, list_signs
from sipas.terms import SipasError, today
from sipas.web import progress
from sipas.web.house import House, open_house

# What the demonstration uses where SIPAS_… says nothing: a database and keys of its own.
DEFAULTS: Mapping[str, str] = MappingProxyType(
    {
        "SIPAS_DATABASE": "sqlite:///var/demo.sqlite",
        "SIPAS_KEYS": "var/demo-keys",
        "SIPAS_DEMO": "1",
        "SIPAS_LANGUAGES": "km cjm ktv",
        "SIPAS_AUTHORITY": "Sở Nội vụ thành phố Đà Nẵng (minh họa)",
        "SIPAS_CONTACT_PHONE": "0236 1022 (số minh họa)",
        "SIPAS_CONTACT_ADDRESS": "Trung tâm Phục vụ hành chính công thành phố (địa chỉ minh họa)",
    }
)
CHILD = "from sipas.cli import main; main()"
READY = 60  # thousandths of the load after which units, counters and codes are there
PORTS = 20  # tried after the wanted one
CENTRE = "TTPVHCC-48"


class AlreadyRunningError(SipasError):
    """The same demonstration is being served or loaded already."""


@click.command("run")
@click.option("--lan", is_flag=True, help="Listen on the local network and print a code that a phone can open.")
@click.option("--port", type=int, help="The port to listen on; the next free one if it is taken. Default: SIPAS_PORT.")
def run(*, lan: bool, port: int | None) -> None:
    """Start with the demonstration province."""
    environment = environment_with(DEFAULTS)
    settings = replace(read_settings(environment), demo=True)
    configure_log(settings)
    listener = listen_nearby("0.0.0.0" if lan else settings.host, settings.port if port is None else port)  # noqa: S104 -- asked for with --lan
    settings = replace(settings, public_url=public_url(settings, listener, lan=lan, given="SIPAS_PUBLIC_URL" in environment))
    gate = Store(settings.database)
    with only_one(gate, "run") as alone:
        if not alone:
            raise AlreadyRunningError(f"another `sipas run` uses {settings.database}: end it first, or set SIPAS_DATABASE and SIPAS_KEYS")
        remove_partial(settings)
        open_or_make_keys(settings.keys)
        house = open_house(settings)
        try:
            prepare(house)
            start(house, listener, environment, lan=lan)
        finally:
            house.store.close()
    gate.close()
    click.echo("\nStopped.")


def start(house: House, listener: socket.socket, environment: Mapping[str, str], *, lan: bool) -> None:
    """Serve, and load beside it where the database is still empty."""
    click.echo(f"Serving on {house.settings.public_url} · end with Ctrl-C")
    loader = Loader(house, environment, lan=lan)
    if demonstration.state_of(house.store) == "complete":
        click.echo(f"The demonstration is loaded already (remove {house.settings.database} and {house.settings.keys} to build it anew).")
        announce(house, lan=lan)
        loader.start_clock()
    else:
        loader.start()
    try:
        answer(create_app(house), listener, threads=house.settings.threads)
    finally:
        loader.stop()


@dataclass
class Loader:
    """`sipas demo` as a process of its own, so that pages stay fast; its progress is read line by line."""

    house: House
    environment: Mapping[str, str]
    lan: bool
    _child: subprocess.Popen[str] | None = None
    _clock: jobs.Clock | None = None
    _ended: threading.Event = field(default_factory=threading.Event)

    def start(self) -> None:
        """Begin to load."""
        progress.show(progress.Progress("Đang chuẩn bị dữ liệu minh họa", 0, 1000))
        self._child = subprocess.Popen(  # noqa: S603 -- this program itself
            [sys.executable, "-c", CHILD, "demo", "--machine"],
            env=dict(self.environment),
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            start_new_session=True,  # Ctrl-C is for the server; it ends the child itself
        )
        threading.Thread(target=self._follow, args=(self._child,), name="demo", daemon=True).start()

    def start_clock(self) -> None:
        """Begin to seal by the real clock; never while a year is being simulated."""
        house = self.house
        self._clock = jobs.start_clock(house.store, house.keyring, house.shelf, house.settings)

    def stop(self) -> None:
        """End the child and the clock."""
        self._ended.set()
        if self._child is not None and self._child.poll() is None:
            self._child.terminate()
            with suppress(subprocess.TimeoutExpired):
                self._child.wait(5)
            self._child.kill()
        if self._clock is not None:
            self._clock.stop()

    def _follow(self, child: subprocess.Popen[str]) -> None:
        assert child.stdout is not None
        bar, announced = Bar(), False
        for line in child.stdout:
            step = json.loads(line)
            progress.show(progress.Progress(step["text"], step["done"], step["total"]))
            if not announced and step["done"] >= READY:
                announced = True
                announce(self.house, lan=self.lan)
            bar(step["text"], step["done"], step["total"])
        progress.show(None)
        if self._ended.is_set():
            return
        if child.wait() == 0:
            click.echo("The demonstration is loaded.")
            self.start_clock()
        else:
            click.echo("The demonstration could not be loaded; the reason stands above. The pages go on without it.", err=True)


def announce(house: House, *, lan: bool) -> None:
    """Print where to go and how to sign in."""
    root = house.settings.public_url
    form = f"{root}/k/{find_form_code(house.store)}"
    click.echo(f"\n  A counter's form    {form}\n  The public page     {root}/\n  Officials' room     {root}/officials/")
    click.echo(told(renew_accounts(house.store, house.keyring)))
    place_devices(house.store, house.keyring)
    if lan:
        click.echo(f"\nOpen the form with a phone in the same network:\n{terminal_code(form)}")
    click.echo("")


def find_form_code(store: Store) -> str:
    """The printed code of a counter that serves one sector: its form is one page."""
    with store.read() as session:
        unit = find_unit(session, CENTRE, tier="one_stop", day=today())
        if unit is None:
            raise UnknownUnitError(f"the demonstration's centre {CENTRE} is not in this database; build it with `sipas demo`")
        signs = [
            (counter, code) for _, counter, code in list_signs(session, [unit.id]) if code and code.length == "short" and not code.revoked
        ]
        return next(code.code for counter, code in signs if counter.sectors == "civil_status")


def terminal_code(address: str) -> str:
    """A QR code in characters, which a phone reads from the terminal."""
    drawn = qrcode.QRCode(border=2, error_correction=qrcode.ERROR_CORRECT_L)
    drawn.add_data(address)
    out = StringIO()
    drawn.print_ascii(out=out, invert=True)  # light modules in the terminal's light colour: most terminals are dark
    return out.getvalue()


def listen_nearby(host: str, port: int) -> socket.socket:
    """The wanted port, or the next free one with a sentence that says so."""
    for number in range(port, port + PORTS):
        try:
            listener = listen(host, number)
        except BadAddressError:
            if number == port + PORTS - 1:
                raise
            continue
        if number != port:
            click.echo(f"Port {port} is taken by another program; using {number}.")
        return listener
    raise BadAddressError(f"no free port from {port} on")


def public_url(settings: Settings, listener: socket.socket, *, lan: bool, given: bool) -> str:
    """The address that is printed: the one given, the machine's own in the local network, or this machine's."""
    if given:
        return settings.public_url
    return f"http://{network_address()}:{listener.getsockname()[1]}" if lan else address_of(listener)


def network_address() -> str:
    """This machine's address in the local network; loopback where there is none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # a documentation address: nothing is sent, only the way out is looked up
        except OSError:
            return "127.0.0.1"
        return str(probe.getsockname()[0])


def remove_partial(settings: Settings) -> None:
    """Take away a demonstration that stopped half-way, if it is in the place that is the demonstration's own."""
    path = Path(DEFAULTS["SIPAS_DATABASE"].removeprefix("sqlite:///"))
    own = settings.database == DEFAULTS["SIPAS_DATABASE"] and settings.keys == Path(DEFAULTS["SIPAS_KEYS"])
    if not own or not path.is_file():
        return
    store = Store(settings.database)
    try:
        migrations.upgrade(store)
        partial = demonstration.state_of(store) == "partial"
    finally:
        store.close()
    if partial:
        click.echo("The last load stopped half-way; beginning anew.")
        for ending in ("", "-wal", "-shm"):
            path.with_name(path.name + ending).unlink(missing_ok=True)
        shutil.rmtree(settings.keys, ignore_errors=True)
        shutil.rmtree(path.with_name(f"{path.name}-extract"), ignore_errors=True)
