"""`sipas kiosks`: added, paired, listed, reported, revoked; every refusal names the cure."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from sipas.cli import sipas
from sipas.store.kiosks import UnknownKioskError
from sipas.store.units import UnknownCounterError
from sipas.terms import SipasError
from sipas.web.enrolment import KioskStateError


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A command on a database of its own, with one counter."""
    monkeypatch.setenv("SIPAS_DATABASE", f"sqlite:///{tmp_path / 'house.sqlite'}")
    monkeypatch.setenv("SIPAS_KEYS", str(tmp_path / "keys"))
    monkeypatch.setenv("SIPAS_PUBLIC_URL", "https://danhgia.example.vn")

    def call(*words: str, code: int = 0) -> Result:
        result = CliRunner().invoke(sipas, list(words))
        if isinstance(result.exception, SipasError):
            raise result.exception
        assert result.exit_code == code, result.output
        return result

    call("keys", "init")
    call("units", "import", "--province", "48")
    call("counters", "add", "--unit", "20341@commune", "--name", "Sảnh", "--sector", "land")
    return call


def test_a_kiosk_from_its_code_to_its_end(run) -> None:
    told = run("kiosks", "add", "--counter", "1").output
    kiosk = re.search(r"Kiosk (\S{8}) added to counter 1", told)[1]
    assert re.search(r"Pairing code: \S{4}-\S{4}  \(once, within 10 minutes\)", told)
    assert "https://danhgia.example.vn/kiosk/" in told
    assert "Pairing code: " in run("kiosks", "code", kiosk.lower()).output
    assert f"{kiosk}  new" in run("kiosks", "list").output
    assert "0 things to look into at 1 kiosks." in run("kiosks", "report").output
    assert f"{kiosk} is revoked" in run("kiosks", "revoke", kiosk).output
    assert f"{kiosk}  revoked" in run("kiosks", "list").output
    with pytest.raises(KioskStateError, match="was revoked on"):
        run("kiosks", "revoke", kiosk)
    with pytest.raises(KioskStateError, match="add a new one"):
        run("kiosks", "code", kiosk)


def test_what_is_not_there_is_named_with_the_cure(run) -> None:
    with pytest.raises(UnknownCounterError, match="sipas counters list"):
        run("kiosks", "add", "--counter", "99")
    for verb in ("code", "revoke"):
        with pytest.raises(UnknownKioskError, match="sipas kiosks list"):
            run("kiosks", verb, "ZZZZZZZZ")
    assert "0 kiosks." in run("kiosks", "list").output
