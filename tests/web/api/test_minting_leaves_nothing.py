"""INT-1: after a thousand invitations no byte of database, log or temporary file holds a code, its random part or a dossier's number."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable
from pathlib import Path

import pytest
from asking import ASKED, NAME
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from sipas import terms
from sipas.store.audit import add_audit
from sipas.store.engine import Store

HOW_MANY = 1_000
AGENCY = "000.00.18.H17-261105-"
RUN = re.compile(rb"[0-9A-HJKMNP-TV-Z]{10,}")  # of the codes' alphabet


def files_of(store: Store) -> list[Path]:
    """Every file in which the database keeps rows, and every log of what was written."""
    if store.is_sqlite:
        return [path for path in store.path.parent.glob(f"{store.path.name}*") if path.is_file()]
    with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))
        connection.execute(text("CHECKPOINT"))
        folder = Path(connection.scalar(text("SHOW data_directory")))
        number = connection.scalar(text("SELECT oid FROM pg_database WHERE datname = current_database()"))
    rows = [*(folder / "base" / str(number)).iterdir(), *(folder / "global").iterdir()]
    return [path for path in (*rows, *(folder / "pg_wal").iterdir(), *folder.rglob("*log")) if path.is_file()]


def found_in(contents: Iterable[bytes], secrets: set[bytes]) -> set[bytes]:
    """Which of the random parts, ten characters each, stand anywhere in any case; and dossiers by their common beginning."""
    found = set()
    for content in contents:
        plain = content.upper()
        for run in RUN.findall(plain):
            found |= {run[at : at + 10] for at in range(len(run) - 9)} & secrets
        found |= set(re.findall(re.escape(AGENCY).encode() + rb"\d{4}", plain))
    return found


@pytest.mark.timeout(300)
def test_nothing_of_a_thousand_invitations_is_kept(
    app: Flask,
    client: FlaskClient,
    store: Store,
    secret: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    codes = []
    for number in range(HOW_MANY):
        body = {**ASKED, "dossier": f"{AGENCY}{number:04d}"}
        response = client.post("/api/v1/invitations", json=body, auth=(NAME, secret))
        assert response.status_code == 201
        codes.append(str((response.json or {})["code"]))
    client.post("/api/v1/invitations", json={**ASKED, "dossier": f"{AGENCY}0007"}, auth=(NAME, secret))  # a refusal keeps nothing either
    client.post("/api/v1/invitations", json={**ASKED, "dossier": f"{AGENCY}0007", "unit": "1"}, auth=(NAME, secret))
    client.get(f"/t/{codes[0]}")

    randoms = {code[6:16].encode() for code in codes}
    assert len(randoms) == HOW_MANY
    out, err = capfd.readouterr()
    read = [path.read_bytes() for path in [*files_of(store), *temporary.rglob("*")] if path.is_file()] + [out.encode(), err.encode()]
    assert sum(map(len, read)) > 100_000
    assert found_in(read, randoms) == set()
    assert not any(secret.encode() in content for content in read)

    with store.write() as session:  # the search itself must find what is there
        leaked = f'{{"code":"{codes[3].lower()}","dossier":"{AGENCY}0009"}}'
        add_audit(session, at=terms.now(), official="x", action="leak", details=leaked)
    assert found_in((path.read_bytes() for path in files_of(store)), randoms) == {codes[3][6:16].encode(), f"{AGENCY}0009".encode()}
