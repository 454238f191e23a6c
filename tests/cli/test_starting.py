"""Starting the house: the demonstration that serves while it loads, and the server that refuses what is missing."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from sipas.cli.demo import one_time_code
from sipas.cli.run import DEFAULTS, remove_partial, terminal_code
from sipas.demo import building
from sipas.evidence.keys import Keyring
from sipas.settings import environment_with, read_settings
from sipas.store import batches, migrate
from sipas.store.engine import Store
from sipas.store.kiosks import list_standings
from sipas.store.screens import list_screens
from sipas.web import progress

PROGRAM = [sys.executable, "-c", "from sipas.cli import main; main()"]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(folder: Path) -> dict[str, str]:
    """A place of its own for everything that is kept."""
    return {
        **os.environ,
        "SIPAS_DATABASE": f"sqlite:///{folder}/demo.sqlite",
        "SIPAS_KEYS": str(folder / "keys"),
        "PYTHONUNBUFFERED": "1",
    }


@pytest.fixture
def running(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """`sipas run` on a free port."""
    port = free_port()
    with (tmp_path / "out.txt").open("w") as out:
        process = subprocess.Popen([*PROGRAM, "run", "--port", str(port)], env=environment(tmp_path), stdout=out, stderr=out, text=True)
        yield process, port
        if process.poll() is None:
            process.kill()
        process.wait(10)


def await_line(folder: Path, pattern: str, *, seconds: float = 90) -> str:
    """The first printed line that fits."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        text = (folder / "out.txt").read_text(encoding="utf-8")
        if found := re.search(pattern, text):
            return found[1]
        time.sleep(0.1)
    pytest.fail(f"{pattern} was not printed: {text}")


def test_the_form_is_served_while_the_demonstration_loads(running: tuple[subprocess.Popen[str], int], tmp_path: Path) -> None:
    process, port = running
    form = await_line(tmp_path, rf"(http://127\.0\.0\.1:{port}/k/[0-9A-Z]{{10}})")
    for account in ("canbo", "truongdonvi", "phantich", "quantri"):
        assert await_line(tmp_path, rf"account {account}@demo\.local · one-time password (\S+)")
    began = time.monotonic()
    with urllib.request.urlopen(form, timeout=20) as answer:
        page = answer.read().decode()
    assert time.monotonic() - began < 5  # well under a second on a machine that does nothing else
    assert 'name="HL"' in page
    assert "is loaded" not in (tmp_path / "out.txt").read_text(encoding="utf-8")
    process.send_signal(signal.SIGINT)
    assert process.wait(60) == 0
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(form, timeout=2)
    store = Store(f"sqlite:///{tmp_path}/demo.sqlite")
    assert building.state_of(store) == "partial"  # the child has ended too: nothing goes on behind the screen
    with store.read() as session:
        assert [len(found) for found in (list_standings(session), list_screens(session))] == [1, 1]  # to be paired on the pages
    store.close()
    assert "Traceback" not in (tmp_path / "out.txt").read_text(encoding="utf-8")


def test_a_taken_port_is_said_and_the_next_one_used(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with (tmp_path / "out.txt").open("w") as out:
            process = subprocess.Popen([*PROGRAM, "run", "--port", str(port)], env=environment(tmp_path), stdout=out, stderr=out)
            try:
                assert await_line(tmp_path, rf"(Port {port} is taken by another program; using \d+)")
            finally:
                process.terminate()
                process.wait(20)


def test_a_second_run_on_the_same_database_is_refused(running: tuple[subprocess.Popen[str], int], tmp_path: Path) -> None:
    await_line(tmp_path, "(Serving on)")
    command = [*PROGRAM, "run", "--port", str(free_port())]
    done = subprocess.run(command, env=environment(tmp_path), capture_output=True, text=True, check=False, timeout=90)
    assert (done.returncode, "end it first" in done.stderr) == (1, True)
    process, _ = running
    assert process.poll() is None


def test_a_load_that_was_cut_off_is_begun_anew_in_its_own_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    settings = read_settings(dict(DEFAULTS))
    Keyring.create(settings.keys)
    store = Store(settings.database)
    migrate.upgrade(store)
    with store.write() as session:
        batches.put_day(session, building.BEGUN, date(2026, 11, 20))
    store.close()
    remove_partial(replace(settings, keys=Path("elsewhere")))
    assert settings.keys.is_dir()
    remove_partial(settings)
    assert not settings.keys.exists()
    assert not Path("var/demo.sqlite").exists()


def test_serve_refuses_to_start_without_keys(tmp_path: Path) -> None:
    done = subprocess.run([*PROGRAM, "serve"], env=environment(tmp_path), capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 1
    assert "sipas keys init" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "keys").exists()


def test_serve_names_the_address_that_is_taken(tmp_path: Path) -> None:
    Keyring.create(tmp_path / "keys")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        command = [*PROGRAM, "serve", "--port", port]
        done = subprocess.run(command, env=environment(tmp_path), capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, f"127.0.0.1:{port}" in done.stderr, "--port" in done.stderr) == (1, True, True)


def test_what_the_operator_set_goes_before_the_demonstrations_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SIPAS_DATABASE", raising=False)
    monkeypatch.setenv("SIPAS_KEYS", "/somewhere/else")
    settings = read_settings(environment_with(DEFAULTS))
    assert (settings.database, str(settings.keys), settings.demo) == ("sqlite:///var/demo.sqlite", "/somewhere/else", True)


def test_one_time_codes_follow_the_standard() -> None:
    # RFC 6238, appendix B: the secret "12345678901234567890"; its eight digits end in these six
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    assert [one_time_code(secret, moment) for moment in (59, 1111111109, 2000000000)] == ["287082", "081804", "279037"]


def test_a_terminal_code_is_read_by_a_decoder() -> None:
    import numpy as np
    import zxingcpp

    address = "http://192.168.1.20:8000/k/ZVE3GXB3SH"
    halves = {"█": (1, 1), "▀": (1, 0), "▄": (0, 1), " ": (0, 0), "\xa0": (0, 0)}
    lines = [line for line in terminal_code(address).splitlines() if line]
    width = max(map(len, lines))
    pixels = np.array([[halves[letter] for letter in line.ljust(width)] for line in lines])
    image = np.kron(pixels.transpose(0, 2, 1).reshape(-1, width), np.ones((8, 8))).astype(np.uint8) * 255
    assert zxingcpp.read_barcodes(image)[0].text == address


def test_progress_is_replaced_whole_and_ends() -> None:
    progress.show(progress.Progress("Đang nạp", 420, 1000))
    assert progress.current() is not None
    assert progress.current().percent == 42
    progress.show(None)
    assert progress.current() is None
