"""The doctor's examinations: each a small function that yields what it finds and the cure; silence means health."""

from __future__ import annotations

import shutil
import stat
import sysconfig
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sipas.demo import building
from sipas.evidence.keys import ROOT, BadKeysError, Keyring, MissingKeysError
from sipas.imports.fielding import list_edits
from sipas.instrument.checks import check_folder
from sipas.instrument.shelf import read_shelf
from sipas.sealing.proposals import list_faults
from sipas.sealing.seal import JOB
from sipas.settings import Settings
from sipas.store import batches, health, migrate
from sipas.store.engine import BadDatabaseError, Store, normalise, sqlite_path
from sipas.terms import SipasError
from sipas.web.house import surveys_folder

OLDEST, NEWEST = (3, 11), (3, 14)
LEAST_ROOM = 200 * 1024 * 1024
LONGEST_UNSEALED = timedelta(hours=36)
REMOTE = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "fuse.sshfs", "fuse.glusterfs", "ceph", "vboxsf"})
ZONE_NAME = "Asia/Ho_Chi_Minh"
SQLITE_WANTED = {"journal_mode": "wal", "synchronous": "2", "secure_delete": "1", "foreign_keys": "1"}
POSTGRES_WANTED = {"fsync": "on", "full_page_writes": "on", "data_checksums": "on"}


class State(StrEnum):
    """How bad it is."""

    OK = "ok"
    WARNING = "warning"  # works, and should be mended before the public comes
    FAULT = "fault"  # must not serve like this


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was found, and what mends it."""

    state: State
    text: str
    cure: str = ""


@dataclass(frozen=True, slots=True)
class Patient:
    """What is examined: the settings, at a moment, under a Python."""

    settings: Settings
    now: datetime
    python: tuple[int, int]
    mounts: Path = Path("/proc/mounts")
    least_room: int = LEAST_ROOM
    libraries: Path = Path(sysconfig.get_path("purelib"))


def python(patient: Patient) -> Iterator[Finding]:
    """A Python that the program is tested on."""
    found = ".".join(map(str, patient.python))
    if patient.python < OLDEST:
        yield Finding(State.FAULT, f"Python {found} is too old", "Install Python 3.11 to 3.14 and make the environment anew.")
    elif patient.python > NEWEST:
        yield Finding(State.WARNING, f"Python {found} is newer than any this was tested on", "Use Python 3.11 to 3.14.")


def installed(patient: Patient) -> Iterator[Finding]:
    """How much room the program takes, its libraries included."""
    used = sum(file.stat().st_size for file in patient.libraries.rglob("*") if file.is_file() and not file.is_symlink())
    yield Finding(State.OK, f"{used / 1_000_000:.0f} MB in {patient.libraries}")


def time_zone(patient: Patient) -> Iterator[Finding]:
    """Viet Nam's time zone, seven hours east of Greenwich."""
    try:
        offset = patient.now.astimezone(ZoneInfo(ZONE_NAME)).utcoffset()
    except ZoneInfoNotFoundError:
        yield Finding(State.FAULT, f"no data for the time zone {ZONE_NAME}", "Install the package tzdata, or the system's zone files.")
        return
    if offset != timedelta(hours=7):
        yield Finding(State.FAULT, f"{ZONE_NAME} is {offset} east of Greenwich instead of 7 hours", "Renew the system's time-zone data.")


def questionnaires(patient: Patient) -> Iterator[Finding]:
    """Questionnaires, sectors, waves and targets without a fault."""
    folder = surveys_folder(patient.settings)
    if not folder.is_dir():
        yield Finding(State.FAULT, f"{folder} is not there", "Set SIPAS_SURVEYS to the folder of questionnaires, or leave it empty.")
        return
    complaints = check_folder(folder)
    for complaint in complaints[:5]:
        yield Finding(State.FAULT, str(complaint), "See all with `sipas surveys check`.")


def contact(patient: Patient) -> Iterator[Finding]:
    """Who asks, and where a citizen turns with a complaint (decision 10)."""
    names = (("authority", "who asks"), ("contact_phone", "a telephone number"), ("contact_address", "an address for complaints"))
    for name, meaning in names:
        if not getattr(patient.settings, name).strip():
            setting = f"SIPAS_{name.upper()}"
            yield Finding(State.WARNING, f"{setting} is empty: the form cannot name {meaning}", f"Set {setting}.")


def public_address(patient: Patient) -> Iterator[Finding]:
    """The address on signs: reachable by a telephone, and encrypted (decision 13)."""
    parts = urlsplit(patient.settings.public_url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        yield Finding(State.FAULT, f"SIPAS_PUBLIC_URL={patient.settings.public_url!r} is no web address", "Write it as https://host.")
        return
    if parts.hostname == "localhost" or parts.hostname.startswith("127.") or parts.hostname == "::1":
        yield Finding(State.WARNING, f"signs would lead to {parts.hostname}, which is each telephone itself", "Set SIPAS_PUBLIC_URL.")
    elif parts.scheme == "http":
        yield Finding(State.WARNING, "signs would lead to plain http: answers could be read on the way", "Serve https and set it.")
    if patient.settings.public_url.endswith("/"):
        yield Finding(State.WARNING, "SIPAS_PUBLIC_URL ends with a slash", "Take the slash away: signs would show two.")


def keys(patient: Patient) -> Iterator[Finding]:
    """Keys that are there, whole, and readable by this account alone."""
    folder = patient.settings.keys
    try:
        Keyring.open(folder)
    except MissingKeysError:
        yield Finding(State.FAULT, f"{folder} holds no keys", "Run `sipas keys init`, or set SIPAS_KEYS to the folder that holds them.")
        return
    except BadKeysError as error:
        yield Finding(State.FAULT, str(error), "Mend it before anything is accepted.")
        return
    for path in sorted(folder.glob("*.key")):
        if path.name != ROOT and stat.S_IMODE(path.stat().st_mode) & 0o077:
            yield Finding(State.FAULT, f"{path} can be read by other accounts", f"Run `chmod 400 {path}`.")


def keys_apart(patient: Patient) -> Iterator[Finding]:
    """Keys outside the folder that is copied with the database (decision 22)."""
    try:
        url = normalise(patient.settings.database)
        home = sqlite_path(url).resolve().parent if url.get_backend_name() == "sqlite" else None
    except SipasError:
        return  # the database's own examination says it
    folder = patient.settings.keys.resolve()
    if home is not None and (folder == home or home in folder.parents):
        text = f"the keys lie in {folder}, inside the database's folder {home}: one backup would hold both"
        yield Finding(State.WARNING, text, "Move the key folder elsewhere and set SIPAS_KEYS.")


def has_database(settings: Settings) -> bool:
    """Whether there is a database to look into; never makes one."""
    try:
        url = normalise(settings.database)
        if url.get_backend_name() == "sqlite":
            return sqlite_path(url).is_file()
        store = Store(settings.database)
    except SipasError:
        return False
    try:
        migrate.current(store)
    except Exception:  # noqa: BLE001 -- whatever the driver says, the database cannot be reached
        return False
    finally:
        store.close()
    return True


def database(patient: Patient) -> Iterator[Finding]:
    """A database that can be reached."""
    try:
        url = normalise(patient.settings.database)
        if url.get_backend_name() == "sqlite" and not (path := sqlite_path(url)).is_file():
            yield Finding(
                State.FAULT, f"{path} is not there", "Run `sipas migrate`, or set SIPAS_DATABASE to the file that holds the answers."
            )
            return
    except BadDatabaseError as error:
        yield Finding(State.FAULT, str(error), "Set SIPAS_DATABASE.")
        return
    if not has_database(patient.settings):
        where = url.render_as_string(hide_password=True)
        yield Finding(State.FAULT, f"{where} cannot be reached", "Start the server, and check host, name, account and password.")


def tables(patient: Patient, store: Store) -> Iterator[Finding]:  # noqa: ARG001 -- every examination is called alike
    """Tables at the newest revision."""
    try:
        found = migrate.current(store)
    except Exception as error:  # noqa: BLE001 -- a file that is no database fails in the driver's words
        yield Finding(State.FAULT, f"the database cannot be read: {error}", "Bring it back from the last backup.")
        return
    newest = migrate.revisions()[-1]
    if found not in migrate.revisions() and found is not None:
        yield Finding(State.FAULT, f"the database is at {found}, which this program does not know", "Install the newer program.")
    elif found != newest:
        yield Finding(State.FAULT, f"the database is at {found or 'no revision'}, the newest is {newest}", "Run `sipas migrate`.")


def durability(patient: Patient, store: Store) -> Iterator[Finding]:  # noqa: ARG001 -- every examination is called alike
    """A database that keeps what it has acknowledged."""
    try:
        promises = health.read_promises(store)
    except Exception as error:  # noqa: BLE001 -- see tables()
        yield Finding(State.FAULT, f"the database does not answer: {error}", "Bring it back from the last backup.")
        return
    wanted = SQLITE_WANTED if store.is_sqlite else POSTGRES_WANTED
    for name, value in wanted.items():
        if promises.get(name) != value:
            state = State.WARNING if name == "data_checksums" else State.FAULT
            yield Finding(state, f"{name} is {promises.get(name)!r} instead of {value!r}", f"Set {name} to {value}.")
    if not store.is_sqlite and promises.get("synchronous_commit") in {"off", "local"}:
        yield Finding(State.FAULT, "synchronous_commit is off: acknowledged answers can be lost", "Set synchronous_commit to on.")


def database_file(patient: Patient, store: Store) -> Iterator[Finding]:
    """SQLite: a whole file on a local disk that nobody else reads."""
    if not store.is_sqlite:
        return
    path = store.path.resolve()
    kind = _file_system(path, patient.mounts)
    if kind in REMOTE:
        text = f"{path} lies on a network file system ({kind}), where SQLite loses data"
        yield Finding(State.FAULT, text, "Move it to a local disk, or use PostgreSQL.")
    if stat.S_IMODE(path.stat().st_mode) & 0o007:
        yield Finding(State.WARNING, f"{path} can be read by every account of this machine", f"Run `chmod o= {path}`.")
    try:
        fault = health.is_whole(store)
    except Exception as error:  # noqa: BLE001 -- see tables()
        fault = str(error)
    if fault:
        yield Finding(State.FAULT, f"{path} is damaged: {fault}", "Stop the server and bring it back from the last backup.")


def room(patient: Patient, store: Store) -> Iterator[Finding]:
    """Room on the disk for a day of answers."""
    place = store.path.resolve().parent if store.is_sqlite else patient.settings.keys
    free = shutil.disk_usage(place if place.exists() else Path.cwd()).free
    if free < patient.least_room:
        yield Finding(State.FAULT, f"only {free // 2**20} MiB are free for {place}", "Make room: a full disk refuses answers.")


def seal(patient: Patient, store: Store) -> Iterator[Finding]:
    """A seal within the last day and a half, and none in the future."""
    with store.read() as session:
        last = batches.find_day(session, JOB)
        waiting = health.list_filled(store)
    if last is None:
        if "inbox" in waiting:
            yield Finding(State.WARNING, "answers wait and no seal has ever run", "Let `sipas serve` run, or run `sipas seal`.")
        return
    sealed = datetime.combine(last, datetime.min.time(), tzinfo=patient.now.tzinfo)
    if patient.now - sealed > LONGEST_UNSEALED:
        yield Finding(State.WARNING, f"the last seal was that of {last:%d/%m/%Y}", "Let `sipas serve` run, or run `sipas seal`.")
    elif sealed - patient.now > timedelta(days=1):
        yield Finding(State.FAULT, f"the last seal is that of {last:%d/%m/%Y}, which is still to come", "Set this machine's clock.")


def proposals(patient: Patient, store: Store) -> Iterator[Finding]:
    """What people set aside stands as they wrote it."""
    try:
        keyring = Keyring.open(patient.settings.keys)
    except (MissingKeysError, BadKeysError):
        return  # said already
    with store.read() as session:
        faults = list_faults(session, keyring)
    for place, fault in faults:
        cure = (
            "Look into the audit (proposed, answered_proposal) who said what; propose anew, then `sipas facts compute WAVE --correction`."
        )
        yield Finding(State.FAULT, f"{place}: {fault}", cure)


def fielded(patient: Patient, store: Store) -> Iterator[Finding]:
    """Questionnaires that are still what people answered."""
    try:
        shelf = read_shelf(surveys_folder(patient.settings))
    except SipasError:
        return  # the questionnaires' own examination says it
    with store.read() as session:
        edits = list_edits(session, shelf)
    for complaint in edits:
        yield Finding(State.FAULT, str(complaint), "The server refuses to start with it.")


def demonstration(patient: Patient, store: Store) -> Iterator[Finding]:
    """Invented answers only where every page says so."""
    state = building.state_of(store)
    if state in {"complete", "partial"} and not patient.settings.demo:
        yield Finding(State.FAULT, "this database holds invented answers and the pages would not say so", "Set SIPAS_DEMO=1.")
    if state == "partial":
        yield Finding(State.WARNING, "a demonstration stopped half-way in this database", "Remove it and its keys, and build it again.")
    if state == "foreign" and patient.settings.demo:
        yield Finding(State.FAULT, "real answers would be marked as invented", "Set SIPAS_DEMO=0.")


def units(patient: Patient, store: Store) -> Iterator[Finding]:  # noqa: ARG001 -- every examination is called alike
    """Somebody to rate."""
    filled = set(health.list_filled(store))
    if "unit" not in filled:
        yield Finding(State.WARNING, "no units are loaded", "Run `sipas units import`.")
    elif "counter" not in filled:
        yield Finding(State.WARNING, "no unit has a counter, so there is nothing to scan", "Run `sipas counters import`.")


def _file_system(path: Path, mounts: Path) -> str:
    """The kind of file system that holds a path, by the longest mount point above it; empty where that cannot be known."""
    if not mounts.is_file():
        return ""
    found, kind = "", ""
    for line in mounts.read_text(encoding="utf-8", errors="replace").splitlines():
        fields = line.split()
        if len(fields) > 2 and len(fields[1]) >= len(found) and (fields[1] == "/" or path.is_relative_to(fields[1])):
            found, kind = fields[1], fields[2]
    return kind
