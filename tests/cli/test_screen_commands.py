"""`sipas screens`: added, paired anew, capped and revoked, each with what to do next."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from sipas.cli.screens import screens
from sipas.evidence.keys import Keyring
from sipas.store.engine import Store
from sipas.store.screens import UnknownScreenError, find_cap
from sipas.store.units import Counter, Unit, UnknownCounterError, add_unit
from sipas.web.enrolment import ScreenStateError


@pytest.fixture
def ready(sqlite_store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    Keyring.create(tmp_path / "keys")
    monkeypatch.setenv("SIPAS_DATABASE", f"sqlite:///{sqlite_store.path}")
    monkeypatch.setenv("SIPAS_KEYS", str(tmp_path / "keys"))
    with sqlite_store.write() as session:
        unit = add_unit(session, Unit(code="20335", tier="one_stop", kind="Phường", name="Tam Kỳ", full_name="Trung tâm Tam Kỳ"))
        session.add(Counter(id=7, unit_id=unit.id, name="Quầy 3", sectors="land"))
    return sqlite_store


def call(*words: str) -> Result:
    return CliRunner().invoke(screens, words)


def test_a_screen_is_added_paired_anew_and_revoked(ready: Store) -> None:
    told = call("add", "--counter", "7").output
    name, first = re.search(r"Screen (\w{4})", told)[1], re.search(r"Pairing code: (\S+)", told)[1]
    assert f"/screen/{name}" in told
    again = call("code", name.lower()).output
    assert re.search(r"Pairing code: (\S+)", again)[1] != first
    assert re.search(rf"{name}  new +\+0 s  Trung tâm Tam Kỳ · Quầy 3\n1 screens", call("list").output)
    assert "is revoked" in call("revoke", name).output
    assert "revoked" in call("list").output
    for verb, cure in (("code", "add a new one: sipas screens add"), ("revoke", "revoked already")):
        refused = call(verb, name).exception
        assert isinstance(refused, ScreenStateError)
        assert cure in str(refused)


def test_a_cap_is_set_and_lifted(ready: Store) -> None:
    assert "180 answers on site a day" in call("cap", "7", "180").output
    with ready.read() as session:
        assert find_cap(session, 7) == 180
    assert "no cap" in call("cap", "7", "0", "--none").output
    with ready.read() as session:
        assert find_cap(session, 7) is None


def test_what_is_not_there_is_said(ready: Store) -> None:
    assert isinstance(call("add", "--counter", "99").exception, UnknownCounterError)
    assert isinstance(call("code", "ZZZZ").exception, UnknownScreenError)
    assert "is not in the range" in call("cap", "7", "--", "-1").output
