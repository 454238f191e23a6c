"""PostgreSQL on a disk that is really full, or lost in the middle: the seal says so, leaves the inbox whole, and goes on afterwards."""

from __future__ import annotations

import random
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import make_answers as make
import pytest
from sqlalchemy import Connection, Engine, create_engine, event, make_url, text

from sipas import sealing
from sipas.evidence.keys import Keyring
from sipas.store.engine import Store

SIZE = "48m"
COUNT = 200


@pytest.fixture
def disk() -> Iterator[Path]:
    """A small disk of memory; skipped by name where nothing may be mounted."""
    folder = Path(tempfile.mkdtemp(prefix="sipas-disk-"))
    folder.chmod(0o755)
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "sipas", folder], capture_output=True, text=True, check=False)
    if done.returncode:
        folder.rmdir()
        # A right of the machine, not a tool: nothing that sets up the tests could bring it.
        pytest.skip(f"a disk of memory cannot be mounted here ({done.stderr.strip()}): PostgreSQL on a full disk was not tried")
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)
    folder.rmdir()


@pytest.fixture
def small(disk: Path, postgres_server: str, blank_postgres: str) -> Iterator[Store]:
    """A store all of whose tables lie on that disk, and nothing else does."""
    name = f"full_{uuid4().hex[:12]}"
    server = create_engine(postgres_server, isolation_level="AUTOCOMMIT")
    place = disk / "tables"
    place.mkdir()
    with server.connect() as connection:
        kept = Path(str(connection.scalar(text("SHOW data_directory"))))
        if not kept.exists():
            pytest.skip("the server of SIPAS_TEST_PG keeps its files elsewhere: PostgreSQL on a full disk was not tried")
        shutil.chown(place, kept.stat().st_uid, kept.stat().st_gid)
        connection.execute(text(f"CREATE TABLESPACE {name} LOCATION '{place}'"))
        connection.execute(text(f'CREATE DATABASE {name} TEMPLATE "{blank_postgres}" TABLESPACE {name}'))
    store = Store(make_url(postgres_server).set(database=name).render_as_string(hide_password=False))
    make.unit(store)
    yield store
    store.close()
    remove(server, name)


def remove(server: Engine, name: str) -> None:
    with server.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        connection.execute(text(f"DROP TABLESPACE {name}"))
    server.dispose()


@contextmanager
def full(disk: Path) -> Iterator[None]:
    """Nothing is left on the disk; there is room again afterwards."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file:
        try:
            while file.write(bytes(4096)):
                pass
        except OSError:
            pass
    assert shutil.disk_usage(disk).free == 0
    yield
    filler.unlink()


def count(store: Store, table: str) -> int:
    return int(make.scalar(store, f"SELECT count(*) FROM {table}"))


def test_a_disk_that_is_really_full_is_said_and_leaves_the_inbox_whole(small: Store, disk: Path, keyring: Keyring) -> None:
    make.many(small, keyring, COUNT)
    with full(disk):
        for _ in range(2):  # asking again does no harm
            with pytest.raises(sealing.SealFailedError, match=r"(?s)No space left on device.*inbox is whole"):
                sealing.seal(small, keyring, now=make.NOON, rng=random.Random(1))
            assert (count(small, "inbox"), count(small, "open_response"), count(small, "clockwork")) == (COUNT, 0, 0)
    report = sealing.seal(small, keyring, now=make.NOON, rng=random.Random(1))
    assert (report.taken, report.altered) == (COUNT, ())
    assert (count(small, "inbox"), count(small, "open_response")) == (0, COUNT)
    assert sealing.verify(small, keyring).clean


def test_a_second_seal_that_finds_the_disk_full_leaves_the_first_ones_batch(small: Store, disk: Path, keyring: Keyring) -> None:
    make.many(small, keyring, COUNT)
    sealing.seal(small, keyring, now=make.NOON, rng=random.Random(1))
    make.many(small, keyring, COUNT, seed=2)
    before = make.rows(small, "SELECT week, n, root FROM batch ORDER BY week")
    with full(disk), pytest.raises(sealing.SealFailedError, match="No space left"):
        sealing.seal(small, keyring, now=make.NOON + timedelta(days=1), rng=random.Random(2))
    assert make.rows(small, "SELECT week, n, root FROM batch ORDER BY week") == before
    assert (count(small, "inbox"), count(small, "open_response")) == (COUNT, COUNT)
    assert sealing.verify(small, keyring).clean
    assert sealing.seal(small, keyring, now=make.NOON + timedelta(days=1), rng=random.Random(2)).taken == COUNT
    assert sealing.verify(small, keyring).clean


@pytest.mark.parametrize("statement", [0, 1, 9, 20])
def test_a_database_that_is_lost_in_the_middle_is_said_so(postgres_store: Store, keyring: Keyring, statement: int) -> None:
    make.unit(postgres_store)
    make.many(postgres_store, keyring, COUNT)
    onlooker = Store(postgres_store.url.render_as_string(hide_password=False))
    left, lost = iter(range(statement)), []

    def lose(connection: Connection, *_: object) -> None:
        if not lost and next(left, None) is None:
            lost.append(connection.connection.driver_connection.info.backend_pid)
            make.rows(onlooker, f"SELECT pg_terminate_backend({lost[0]})")

    for moment in ("before_cursor_execute", "commit"):
        event.listen(postgres_store.engine, moment, lose)
    with pytest.raises(sealing.SealFailedError, match=r"(?s)database was lost.*whole inbox was sealed or nothing was"):
        sealing.seal(postgres_store, keyring, now=make.NOON, rng=random.Random(1))
    onlooker.close()
    assert (count(postgres_store, "inbox"), count(postgres_store, "open_response")) == (COUNT, 0)
    assert sealing.seal(postgres_store, keyring, now=make.NOON, rng=random.Random(1)).taken == COUNT
    assert sealing.verify(postgres_store, keyring).clean
