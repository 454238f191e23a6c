"""`sipas forensics`, from closed weeks to a list of flags."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from sipas.cli import sipas
from sipas.reports.facts import UnknownWaveError
from sipas.store.engine import Store
from tests.reports.sealed_rows import WAVE
from tests.reports.stuffed_rows import honest
from tests.store.test_screenings import AT, flag, screening


@pytest.fixture
def run(tmp_path: Path, blank_sqlite: Path, monkeypatch: pytest.MonkeyPatch):
    shutil.copy(blank_sqlite, tmp_path / "house.sqlite")
    monkeypatch.setenv("SIPAS_DATABASE", f"sqlite:///{tmp_path / 'house.sqlite'}")
    monkeypatch.setenv("SIPAS_DEMO", "1")

    def call(*words: str) -> Result:
        result = CliRunner().invoke(sipas, ["forensics", *words])
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return call


def test_without_a_closed_week_it_says_when_to_come_back(run) -> None:
    assert "has no closed week yet" in run("run", WAVE).output
    assert run("list", WAVE).output == "0 screenings\n"
    with pytest.raises(UnknownWaveError, match="choose from"):
        run("run", "nowhere")


def test_a_run_tells_its_weeks_false_alarms_and_flags_and_is_listed(run, tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'house.sqlite'}")
    province = honest(store, n=600, communes=8)
    told = run("run", WAVE)
    assert told.exit_code == 0
    assert "2026-Q4, 19 closed weeks to 2026-W46" in told.output
    assert "0 flagged" in told.output
    assert "units where nothing is wrong" in told.output
    assert "answers, 0 units flagged" not in run("run", WAVE).output  # screened before: nothing is counted again
    with store.write() as session:
        from sipas.store.forensics import add_screening

        add_screening(session, screening("2026-Q4", "2026-W46", "f"), [flag(province.strata[0][0], "fast", 1e-6)], [])
        from sipas.store.proposals import Proposal, add_proposal

        told = {
            "instrument": "SIPAS",
            "length": "short",
            "sign": "fast",
            "rules": "r",
            "reason": "r",
            "proposer": "a@x",
            "proposer_unit_id": 1,
        }
        made = Proposal(screening_id=2, unit_id=province.strata[0][0], act="set_aside", rows=60, at=AT, **told)
        add_proposal(session, made, [("2026-W46", bytes(16))])
    store.close()
    listed = run("list", WAVE).output
    assert "fast  60 answers  by a@x: waits for a second person" in listed
    assert "fast         00000.MC  SIPAS short  observed 60, expected 2.5, p 1e-06" in listed
    assert listed.endswith("2 screenings\n")
