"""The doctor finds what was broken on purpose, names it and says what mends it."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from sipas.cli.doctor import doctor, examine
from sipas.cli.examinations import Finding, Patient, State, installed
from sipas.demo.building import BEGUN, COMPLETE
from sipas.evidence.keys import Keyring
from sipas.imports.fielding import field_instruments
from sipas.instrument.shelf import read_shelf
from sipas.sealing.seal import JOB
from sipas.settings import read_settings
from sipas.store import batches, migrate
from sipas.store.engine import Store
from sipas.store.units import Counter, Unit, add_unit
from sipas.terms import ZONE
from sipas.web.house import SURVEYS

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=ZONE)


@pytest.fixture
def patient(tmp_path: Path, store: Store) -> Patient:
    """An installation with nothing to mend, on either database."""
    Keyring.create(tmp_path / "safe" / "keys")
    if store.is_sqlite:
        home = tmp_path / "base"
        home.mkdir()
        store.checkpoint()
        shutil.copy(store.path, home / "sipas.sqlite")
        (home / "sipas.sqlite").chmod(0o600)
        database = f"sqlite:///{home}/sipas.sqlite"
    else:
        database = store.url.render_as_string(hide_password=False)
    with opened(database) as own, own.write() as session:
        unit = add_unit(session, Unit(code="48", tier="province", kind="Thành phố", name="Đà Nẵng", full_name="Thành phố Đà Nẵng"))
        session.add(Counter(unit_id=unit.id, name="Quầy 1", sectors="land"))
        batches.put_day(session, JOB, NOW.date())
    settings = read_settings(
        {
            "SIPAS_DATABASE": database,
            "SIPAS_KEYS": str(tmp_path / "safe" / "keys"),
            "SIPAS_PUBLIC_URL": "https://danhgia.example.vn",
            "SIPAS_AUTHORITY": "Sở Nội vụ",
            "SIPAS_CONTACT_PHONE": "0236 1022",
            "SIPAS_CONTACT_ADDRESS": "Quầy phản ánh",
        }
    )
    return Patient(settings, now=NOW, python=(3, 12))


class opened:  # noqa: N801 -- reads as a verb: with opened(url) as store
    """A store that is closed again."""

    def __init__(self, url: str) -> None:
        self.store = Store(url)

    def __enter__(self) -> Store:
        return self.store

    def __exit__(self, *_: object) -> None:
        self.store.close()


def found(patient: Patient, state: State) -> dict[str, Finding]:
    """What an examination finds at that level, by name."""
    return {name: finding for name, finding in examine(patient) if finding.state is state}


def changed(patient: Patient, **settings: object) -> Patient:
    return replace(patient, settings=replace(patient.settings, **settings))


def test_healthy_installation_has_nothing_to_mend(patient: Patient) -> None:
    findings = dict(examine(patient))
    checksums = [name for name, finding in findings.items() if "data_checksums" in finding.text]
    assert [name for name, finding in findings.items() if finding.state is not State.OK and name not in checksums] == []
    assert len(findings) >= 15


@pytest.mark.parametrize(
    ("settings", "name", "state", "says"),
    [
        ({"contact_phone": ""}, "contact", State.WARNING, "SIPAS_CONTACT_PHONE"),
        ({"contact_address": " "}, "contact", State.WARNING, "SIPAS_CONTACT_ADDRESS"),
        ({"authority": ""}, "contact", State.WARNING, "SIPAS_AUTHORITY"),
        ({"public_url": "http://127.0.0.1:8000"}, "public address", State.WARNING, "127.0.0.1"),
        ({"public_url": "http://danhgia.example.vn"}, "public address", State.WARNING, "plain http"),
        ({"public_url": "danhgia.example.vn"}, "public address", State.FAULT, "no web address"),
        ({"public_url": "https://danhgia.example.vn/"}, "public address", State.WARNING, "slash"),
        ({"keys": Path("/nonexistent/keys")}, "keys", State.FAULT, "no keys"),
        ({"surveys": "/nonexistent/surveys"}, "questionnaires", State.FAULT, "not there"),
        ({"database": "sqlite:////nonexistent/none.sqlite"}, "database", State.FAULT, "not there"),
        ({"database": "postgresql://nobody@127.0.0.1:1/none"}, "database", State.FAULT, "cannot be reached"),
        ({"database": "mysql://nobody@localhost/none"}, "database", State.FAULT, "sqlite:///FILE"),
        ({"demo": True}, "demonstration", State.FAULT, "marked as invented"),
    ],
)
def test_a_wrong_setting_is_named_with_its_cure(patient: Patient, settings: dict[str, object], name: str, state: State, says: str) -> None:
    finding = found(changed(patient, **settings), state)[name]
    assert says in finding.text
    assert finding.cure


@pytest.mark.parametrize(("python", "state"), [((3, 10), State.FAULT), ((3, 15), State.WARNING)])
def test_an_untested_python_is_named(patient: Patient, python: tuple[int, int], state: State) -> None:
    assert f"{python[0]}.{python[1]}" in found(replace(patient, python=python), state)["python"].text


def test_keys_that_others_can_read_are_a_fault(patient: Patient) -> None:
    patient.settings.keys.chmod(0o755)
    assert "chmod 700" in found(patient, State.FAULT)["keys"].text


def test_a_day_key_that_others_can_read_is_a_fault(patient: Patient) -> None:
    Keyring.open(patient.settings.keys).cluster_key(NOW.date())
    path = next(patient.settings.keys.glob("cluster-*.key"))
    path.chmod(0o444)
    assert path.name in found(patient, State.FAULT)["keys"].text


def test_keys_beside_the_database_are_warned_of(patient: Patient, sqlite_store: Store) -> None:
    inside = sqlite_store.path.parent / "keys"
    Keyring.create(inside)
    beside = changed(patient, keys=inside, database=f"sqlite:///{sqlite_store.path}")
    assert "one backup would hold both" in found(beside, State.WARNING)["keys apart from the database"].text


def test_a_full_disk_is_a_fault(patient: Patient) -> None:
    assert "MiB are free" in found(replace(patient, least_room=2**62), State.FAULT)["room"].text


def test_a_network_disk_is_a_fault_for_sqlite(patient: Patient, tmp_path: Path) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text("server:/data / nfs4 rw 0 0\n", encoding="utf-8")
    finding = found(replace(patient, mounts=mounts), State.FAULT).get("database file")
    assert patient.settings.database.startswith("postgresql") or (finding is not None and "nfs4" in finding.text)


def test_a_database_behind_the_program_wants_migrating(patient: Patient) -> None:
    with opened(patient.settings.database) as store:
        migrate.downgrade(store, migrate.revisions()[-2])
    faults = found(patient, State.FAULT)
    assert faults["tables"].cure == "Run `sipas migrate`."
    assert "seal" not in dict(examine(patient))  # nothing more is asked of tables that are not there


def test_a_damaged_file_is_said_and_not_a_traceback(patient: Patient, tmp_path: Path) -> None:
    bad = tmp_path / "bad.sqlite"
    bad.write_bytes(b"this is no database at all" * 400)
    assert "cannot be read" in found(changed(patient, database=f"sqlite:///{bad}"), State.FAULT)["tables"].text


def test_a_database_file_that_everybody_reads_is_warned_of(patient: Patient, sqlite_store: Store) -> None:
    sqlite_store.path.chmod(0o644)
    assert "every account" in found(changed(patient, database=f"sqlite:///{sqlite_store.path}"), State.WARNING)["database file"].text


@pytest.mark.parametrize(
    ("age", "state", "says"), [(timedelta(days=3), State.WARNING, "17/11/2026"), (timedelta(days=-3), State.FAULT, "clock")]
)
def test_a_missed_seal_and_a_wrong_clock_are_named(patient: Patient, age: timedelta, state: State, says: str) -> None:
    with opened(patient.settings.database) as store, store.write() as session:
        batches.put_day(session, JOB, (NOW - age).date())
    finding = found(patient, state)["seal"]
    assert says in f"{finding.text} {finding.cure}"


def test_an_edited_questionnaire_is_a_fault(patient: Patient, tmp_path: Path) -> None:
    folder = tmp_path / "surveys"
    shutil.copytree(SURVEYS, folder)
    with opened(patient.settings.database) as store, store.write() as session:
        field_instruments(session, read_shelf(folder), day=NOW.date())
    path = folder / "instruments" / "sipas-service-2023.toml"
    text = path.read_text(encoding="utf-8")
    assert "Hài lòng" in text
    path.write_text(text.replace("Rất hài lòng", "Cực kỳ hài lòng"), encoding="utf-8")
    assert "sipas-service-2023" in found(changed(patient, surveys=str(folder)), State.FAULT)["fielded questionnaires"].text


def test_a_broken_questionnaire_is_a_fault(patient: Patient, tmp_path: Path) -> None:
    folder = tmp_path / "surveys"
    shutil.copytree(SURVEYS, folder)
    (folder / "waves" / "bad.toml").write_text("this is not toml", encoding="utf-8")
    assert "bad.toml" in found(changed(patient, surveys=str(folder)), State.FAULT)["questionnaires"].text


def test_invented_answers_without_their_mark_are_a_fault(patient: Patient) -> None:
    with opened(patient.settings.database) as store, store.write() as session:
        batches.put_day(session, BEGUN, NOW.date())
        batches.put_day(session, COMPLETE, NOW.date())
    assert found(patient, State.FAULT)["demonstration"].cure == "Set SIPAS_DEMO=1."
    assert "demonstration" not in found(changed(patient, demo=True), State.FAULT)


def test_a_database_without_units_is_warned_of(patient: Patient, sqlite_store: Store) -> None:
    assert "sipas units import" in found(changed(patient, database=f"sqlite:///{sqlite_store.path}"), State.WARNING)["units"].cure


def test_the_exit_code_tells_the_truth(patient: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIPAS_KEYS", "/nonexistent/keys")
    monkeypatch.setenv("SIPAS_DATABASE", patient.settings.database)
    sick = CliRunner().invoke(doctor)
    assert (sick.exit_code, "FAULT   keys: /nonexistent/keys holds no keys" in sick.output) == (1, True)
    assert "→ Run `sipas keys init`" in sick.output
    monkeypatch.setenv("SIPAS_KEYS", str(patient.settings.keys))
    assert CliRunner().invoke(doctor).exit_code == 0
    monkeypatch.setenv("SIPAS_PORT", "eighty")
    assert CliRunner().invoke(doctor).exit_code == 1


def test_doctor_tells_the_installed_size(tmp_path: Path) -> None:
    (tmp_path / "library").mkdir()
    (tmp_path / "library" / "big.so").write_bytes(b"x" * 3_400_000)
    found = installed(Patient(read_settings({}), now=NOW, python=(3, 11), libraries=tmp_path))
    assert [finding.text for finding in found] == [f"3 MB in {tmp_path}"]
