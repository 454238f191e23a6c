"""The doctor looks at tablets, displays, recordings and one-time codes: each is broken once, named, and told how to mend."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from sipas.cli.doctor import examine
from sipas.cli.examinations import Finding, Patient, State
from sipas.instrument import recordings
from sipas.store.kiosks import add_kiosk, get_kiosk, get_ledger, put_gaps
from sipas.store.screens import Screen, add_screen
from sipas.store.tokens import TokenBatch, add_batch
from tests.cli.test_doctor import NOW, changed, opened, patient  # noqa: F401 -- a fixture

TODAY = NOW.date()
MP3 = (b"\xff\xfb\x90\x00" + bytes(413)) * 40


def told(examined: Patient, name: str) -> list[Finding]:
    """What one examination finds."""
    return [finding for examination, finding in examine(examined) if examination == name and finding.state is not State.OK]


def kiosk(session: Session, code: str = "KKKKKKKK", *, paired: bool = True) -> Any:
    """A kiosk that was heard of today, and its ledger."""
    made = add_kiosk(session, code=code, counter_id=1, length="short", comments=False)
    if paired:
        made.public_key, made.enrolled = b"\4" * 65, TODAY - timedelta(days=90)
    ledger = get_ledger(session, code)
    ledger.seen = TODAY
    return ledger


KIOSKS = [
    ({"seen": TODAY - timedelta(days=4)}, "not heard of for 4 days", "sipas kiosks revoke KKKKKKKK"),
    ({"breaks": 2}, "2 envelopes that do not follow", "copied or set back"),
    ({"held": 3}, "holds 3 answers that the server refused", "reload it"),
    ({"durable": "unknown"}, "cannot promise to keep", "newer browser"),
]


@pytest.mark.parametrize(("broken", "says", "cure"), KIOSKS)
def test_a_broken_kiosk_is_named_with_its_cure(patient: Patient, broken: dict[str, Any], says: str, cure: str) -> None:  # noqa: F811 -- the fixture
    with opened(patient.settings.database) as store, store.write() as session:
        ledger = kiosk(session)
    assert told(patient, "kiosks") == []
    with opened(patient.settings.database) as store, store.write() as session:
        ledger = get_ledger(session, "KKKKKKKK")
        for name, value in broken.items():
            setattr(ledger, name, value)
    (finding,) = told(patient, "kiosks")
    assert says in finding.text
    assert "the kiosk KKKKKKKK (Thành phố Đà Nẵng, Quầy 1)" in finding.text
    assert cure in finding.cure
    assert finding.state is State.WARNING


def test_answers_that_never_came_are_named_after_72_hours_and_a_kiosk_without_a_tablet_too(patient: Patient) -> None:  # noqa: F811 -- the fixture
    with opened(patient.settings.database) as store, store.write() as session:
        put_gaps(kiosk(session), [(17, 17, TODAY - timedelta(days=4)), (40, 43, TODAY)])
        kiosk(session, "NEW00000", paired=False)
        kiosk(session, "G0NE0000")
        get_kiosk(session, "G0NE0000").revoked = TODAY
        get_ledger(session, "G0NE0000").seen = TODAY - timedelta(days=60)
    missing, unpaired = told(patient, "kiosks")
    assert "lacks 1 answers for over 72 hours: 17" in missing.text
    assert "paper tally" in missing.cure
    assert "sipas kiosks code NEW00000" in unpaired.cure


def test_many_of_a_kind_are_counted(patient: Patient) -> None:  # noqa: F811 -- the fixture
    with opened(patient.settings.database) as store, store.write() as session:
        for number in range(9):
            kiosk(session, f"NEW0000{number}", paired=False)
    found = told(patient, "kiosks")
    assert len(found) == 6
    assert "4 more of this kind" in found[-1].text


SCREENS = [
    ({"turn": 0}, "is not paired and shows nothing", "sipas screens code SSSS"),
    ({"ahead": -3600}, "3,600 seconds behind: its answers count as open", "Set the display's clock"),
    ({"ahead": 301}, "301 seconds ahead", "Set the display's clock"),
    ({"heard": TODAY - timedelta(days=91)}, "has not told the time for 91 days", "network"),
]


@pytest.mark.parametrize(("broken", "says", "cure"), SCREENS)
def test_a_broken_screen_is_named_with_its_cure(patient: Patient, broken: dict[str, Any], says: str, cure: str) -> None:  # noqa: F811 -- the fixture
    healthy = {"turn": 1, "ahead": -300, "heard": TODAY - timedelta(days=90), "paired": TODAY}
    with opened(patient.settings.database) as store, store.write() as session:
        add_screen(session, Screen(screen="G00D", counter_id=1, **healthy))
        add_screen(session, Screen(screen="SSSS", counter_id=1, **{**healthy, **broken}))
        add_screen(session, Screen(screen="G0NE", counter_id=1, **{**healthy, **broken, "revoked": True}))
    (finding,) = told(patient, "screens")
    assert "the screen SSSS" in finding.text
    assert says in finding.text
    assert cure in finding.cure


@pytest.fixture
def recorded(patient: Patient, tmp_path: Path) -> tuple[Patient, Path]:  # noqa: F811 -- the fixture
    """One sound recording in Vietnamese, and where it lies."""
    folder = tmp_path / "sound"
    file = folder / "vi" / "sipas-service-2023" / "TC1.mp3"
    made = recordings.Recording(
        "vi", "sipas-service-2023", "TC1", file, recordings.hashlib.sha256(MP3).hexdigest(), "Lan", "Sở Nội vụ", TODAY
    )
    recordings.add(folder, tmp_path / "elsewhere.mp3", MP3, made)
    return changed(patient, sound=str(folder)), file


def test_a_recording_that_was_changed_spoilt_or_taken_away_is_named(recorded: tuple[Patient, Path]) -> None:
    examined, file = recorded
    assert told(examined, "recordings") == []
    file.write_bytes(MP3 + MP3)
    (finding,) = told(examined, "recordings")
    assert (finding.state, "is another file than" in finding.text) == (State.FAULT, True)
    assert "listen to it" in finding.cure.lower()
    file.write_bytes(b"<html>not found</html>")
    (finding,) = told(examined, "recordings")
    assert finding.state is State.FAULT
    file.unlink()
    (finding,) = told(examined, "recordings")
    assert (finding.state, "is not there" in finding.text) == (State.WARNING, True)  # a form without its recording still works


def test_a_file_that_nobody_listed_is_warned_of(recorded: tuple[Patient, Path]) -> None:
    examined, file = recorded
    file.with_name("HL.mp3").write_bytes(MP3)
    (finding,) = told(examined, "recordings")
    assert (finding.state, "HL.mp3" in finding.text) == (State.WARNING, True)


def test_a_language_that_nobody_has_read_aloud_is_warned_of(patient: Patient) -> None:  # noqa: F811 -- the fixture
    (finding,) = told(changed(patient, languages="km"), "recordings")
    assert "km is offered, and " in finding.text
    assert "sipas sound list" in finding.cure
    (finding,) = told(changed(patient, languages="xx"), "recordings")
    assert (finding.state, finding.cure) == (State.FAULT, "Set SIPAS_LANGUAGES.")


def batch(session: Session, name: str, **changes: Any) -> None:
    given = {
        "kid": "A", "year": 2026, "kind": "invitation", "channel": "V", "wave": "w", "unit_id": 1, "sector": "land",
        "not_before": TODAY - timedelta(days=60), "not_after": TODAY + timedelta(days=9), "quota": 100, "minted": 10,
    }  # fmt: skip
    add_batch(session, TokenBatch(batch=name, **{**given, **changes}))


BATCHES = [
    ({"minted": 90}, "90 of a quota of 100 invitations are used", "sipas tokens reconcile"),
    ({"overflow_of": "ZZZZ", "minted": 20}, "20 invitations went beyond their quota", "each morning"),
    ({"kind": "card", "not_after": TODAY - timedelta(days=1)}, "its 10 cards ran out on 19/11/2026 and count as open", "Take what is left"),
    ({"kind": "slip", "not_after": TODAY - timedelta(days=30)}, "its 10 slips ran out", "Take what is left"),
]


@pytest.mark.parametrize(("broken", "says", "cure"), BATCHES)
def test_a_batch_whose_codes_prove_less_than_they_say_is_named(patient: Patient, broken: dict[str, Any], says: str, cure: str) -> None:  # noqa: F811 -- the fixture
    with opened(patient.settings.database) as store, store.write() as session:
        batch(session, "G00D", sector="construction", minted=89)
        batch(session, "CARD", kind="card", quota=10)  # all of a print run is minted at once
        batch(session, "0LD0", kind="card", not_after=TODAY - timedelta(days=31))
        batch(session, "AAAA", **broken)
        batch(session, "BBBB", **{**broken, "sector": "education"}, revoked=True)
    (finding,) = told(patient, "one-time codes")
    assert "Thành phố Đà Nẵng, land" in finding.text
    assert says in finding.text
    assert cure in finding.cure


def test_a_quota_of_several_weeks_is_told_of_once(patient: Patient) -> None:  # noqa: F811 -- the fixture
    with opened(patient.settings.database) as store, store.write() as session:
        for week, name in enumerate(("AAAA", "BBBB", "CCCC")):
            batch(session, name, minted=31, not_before=TODAY - timedelta(days=60 - 7 * week), revoked=week == 0)
    (finding,) = told(patient, "one-time codes")
    assert "93 of a quota of 100" in finding.text


def test_tables_that_are_behind_are_not_asked_about_devices(patient: Patient) -> None:  # noqa: F811 -- the fixture
    from sipas.store import migrate

    with opened(patient.settings.database) as store:
        migrate.downgrade(store, "0007_screening")
    assert told(replace(patient), "kiosks") == []
