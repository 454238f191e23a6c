"""The folder of keys: one root that stays, and keys whose destruction is promised."""

from __future__ import annotations

import hmac
import os
import secrets
import stat
import tempfile
import threading
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from sipas.terms import SipasError

ROOT = "root.key"
SIZE = 32
DUP_DAYS = 35  # how long after its month's end a key for repeats lives
ROW_KEY = "row/1"  # the label, and the id that every sealed row carries
TERMED = ("null", "issue")  # kinds of keys that are made for a term, named after it, and destroyed after its end


class MissingKeysError(SipasError):
    """There is no key folder, or no root key in it."""


class BadKeysError(SipasError):
    """Keys that others can read, or that are damaged."""


class KeysExistError(SipasError):
    """There are keys already; new ones would orphan every stored answer."""


class DestroyedKeyError(SipasError):
    """The key of that day or term has been destroyed, as promised, and is not made again."""


@dataclass(frozen=True, slots=True)
class KeyFile:
    """One line of `sipas keys list`: never a key itself."""

    name: str
    purpose: str


class Keyring:
    """The keys of one installation, held in memory and read anew only when the folder changes.

    Permanent keys derive from the root by HKDF-SHA-256 under a label. Keys that will be destroyed are random files: one a month to
    know a repeated sending (``dup``), one a day to mark what was gathered together (``cluster``), one a year to know a spent code
    (``null``) and one a wave to know a dossier that was invited (``issue``).
    """

    def __init__(self, folder: Path, root: bytes) -> None:
        self.folder = folder
        self._root = root
        self._derived: dict[str, bytes] = {}
        self._lock = threading.Lock()
        self._stamp = -1
        self._dups: dict[str, bytes] = {}
        self._clusters: dict[date, bytes] = {}
        self._termed: dict[str, bytes] = {}
        self._gone: frozenset[str] = frozenset()

    @classmethod
    def open(cls, folder: Path) -> Keyring:
        """The keys in ``folder``; refuses when they are missing, damaged or open to others."""
        path = folder / ROOT
        if not path.is_file():
            raise MissingKeysError(
                f"{folder}: no keys here. Make them with `sipas keys init`, or set SIPAS_KEYS to the folder that holds them"
            )
        for entry, most in ((folder, 0o700), (path, 0o600)):
            if stat.S_IMODE(entry.stat().st_mode) & ~most:
                raise BadKeysError(f"{entry}: other accounts can reach this. Run `chmod {'700' if entry == folder else '400'} {entry}`")
        root = path.read_bytes()
        if len(root) != SIZE:
            raise BadKeysError(f"{path}: {len(root)} bytes instead of {SIZE}. Bring the key back from its safe copy")
        return cls(folder, root)

    @classmethod
    def create(cls, folder: Path) -> Keyring:
        """Make the folder and a new root key; never over an old one."""
        if (folder / ROOT).exists():
            raise KeysExistError(
                f"{folder}: keys are here already. Without them no stored answer can be checked; move the folder away first"
            )
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        folder.chmod(0o700)
        _make(folder, ROOT, secrets.token_bytes(SIZE))
        return cls.open(folder)

    def derive(self, label: str) -> bytes:
        """The permanent key of that label, 32 bytes."""
        if (key := self._derived.get(label)) is None:
            key = HKDF(algorithm=SHA256(), length=SIZE, salt=None, info=f"sipas/{label}".encode()).derive(self._root)
            self._derived[label] = key
        return key

    def dup_keys(self, month: str) -> tuple[bytes, ...]:
        """The key for repeats of that month (``2026-11``), made on first use; behind it every other one that lives."""
        self._refresh()
        if (own := self._dups.get(month)) is None:
            with self._lock:
                _make(self.folder, f"dup-{month}.key", secrets.token_bytes(SIZE))
                self._load()
                own = self._dups[month]
        return (own, *(key for name, key in sorted(self._dups.items(), reverse=True) if name != month))

    def cluster_key(self, day: date) -> bytes:
        """The key of that day, made on first use; DestroyedKeyError once it has been destroyed."""
        self._refresh()
        if (key := self._clusters.get(day)) is None:
            name = self._cluster_name(day)
            if name in self._gone:
                raise DestroyedKeyError("the cluster key of that day has been destroyed and is not made again; look at the clock")
            with self._lock:
                _make(self.folder, f"{name}.key", secrets.token_bytes(SIZE) + day.toordinal().to_bytes(4, "big"))
                self._load()
                key = self._clusters[day]
        return key

    def has_cluster_key(self, day: date) -> bool:
        """Whether the key of that day is there; asking makes none."""
        self._refresh()
        return day in self._clusters

    def term_key(self, kind: str, term: str) -> bytes:
        """The key of a term (``null`` and ``2026``, ``issue`` and a wave), made on first use; DestroyedKeyError once it is destroyed."""
        self._refresh()
        name = _term_name(kind, term)
        if (key := self._termed.get(name)) is None:
            if name in self._gone:
                raise DestroyedKeyError(f"the {kind} key of {term} has been destroyed and is not made again")
            with self._lock:
                _make(self.folder, f"{name}.key", secrets.token_bytes(SIZE))
                self._load()
                key = self._termed[name]
        return key

    def has_term_key(self, kind: str, term: str) -> bool:
        """Whether the key of a term is there; asking makes none."""
        self._refresh()
        return _term_name(kind, term) in self._termed

    def destroy_term_key(self, kind: str, term: str) -> bool:
        """Destroy the key of a term; whether there was one."""
        name = _term_name(kind, term)
        with self._lock:
            self._load()
            if there := name in self._termed:
                _make(self.folder, f"{name}.gone", b"")
                _destroy(self.folder / f"{name}.key")
                self._load()
        return there

    def destroy_cluster_keys(self, today: date) -> int:
        """Destroy the cluster keys of every day that has ended; how many."""
        with self._lock:
            self._load()
            ended = [day for day in self._clusters if day < today]
            for day in ended:
                name = self._cluster_name(day)
                _make(self.folder, f"{name}.gone", b"")
                _destroy(self.folder / f"{name}.key")
            self._load()
        return len(ended)

    def destroy_dup_keys(self, today: date) -> int:
        """Destroy the keys for repeats 35 days after their month's end; how many."""
        with self._lock:
            self._load()
            due = [month for month in self._dups if _month_end(month) + timedelta(days=DUP_DAYS) < today]
            for month in due:
                _destroy(self.folder / f"dup-{month}.key")
            self._load()
        return len(due)

    def destroy_null_keys(self, today: date) -> int:
        """Destroy the keys for spent codes thirty days after the year that follows theirs: their batches ran a year at most; how many."""
        self._refresh()
        years = [int(name.removeprefix("null-")) for name in self._termed if name.startswith("null-")]
        return sum(self.destroy_term_key("null", str(year)) for year in years if today > date(year + 1, 12, 31) + timedelta(days=30))

    def list_files(self) -> tuple[KeyFile, ...]:
        """What lies in the folder, by name."""
        purposes = {
            "root": "every permanent key derives from it",
            "dup": "knows a repeated sending",
            "cluster": "marks one day's clusters",
            "null": "knows a spent code",
            "issue": "knows an invited dossier",
        }
        names = sorted(path.name for path in self.folder.glob("*.key"))
        return tuple(KeyFile(name, purposes.get(name.partition("-")[0].removesuffix(".key"), "unknown")) for name in names)

    def _cluster_name(self, day: date) -> str:
        # A keyed hash: the name of a file beside answers tells no day.
        return f"cluster-{hmac.digest(self.derive('cluster/name'), day.isoformat().encode(), 'sha256').hex()[:24]}"

    def _refresh(self) -> None:
        """Read the folder again if anything in it came or went, here or on another node."""
        try:
            stamp = os.stat(self.folder).st_mtime_ns  # noqa: PTH116 -- on every answer's path: half the cost of Path.stat
        except FileNotFoundError:
            raise MissingKeysError(f"{self.folder}: the key folder is gone; no answer is taken without it. Bring it back") from None
        if stamp != self._stamp:
            with self._lock:
                self._load()

    def _load(self) -> None:
        stamp = self.folder.stat().st_mtime_ns
        if not (self.folder / ROOT).is_file():
            raise MissingKeysError(f"{self.folder}: the root key is gone; no answer is taken without it. Bring it back")
        dups: dict[str, bytes] = {}
        clusters: dict[date, bytes] = {}
        termed: dict[str, bytes] = {}
        for path in self.folder.glob("*-*.key"):
            content = _read(path)
            if not any(content):  # another node is destroying it
                continue
            if path.name.startswith("dup-") and len(content) == SIZE:
                dups[path.name.removeprefix("dup-").removesuffix(".key")] = content
            elif path.name.startswith("cluster-") and len(content) == SIZE + 4:
                clusters[date.fromordinal(int.from_bytes(content[SIZE:], "big"))] = content[:SIZE]
            elif path.name.startswith(tuple(f"{kind}-" for kind in TERMED)) and len(content) == SIZE:
                termed[path.stem] = content
            else:
                raise BadKeysError(f"{path}: damaged. Bring it back from the other node, or remove it to have a new one made")
        self._dups, self._clusters, self._termed = dups, clusters, termed
        self._gone = frozenset(path.stem for path in self.folder.glob("*.gone"))
        self._stamp = stamp


def _term_name(kind: str, term: str) -> str:
    if kind not in TERMED or not term or not term.replace("-", "").isalnum():
        raise ValueError(f"{kind} of {term!r} names no key: a kind is one of {', '.join(TERMED)}, a term has letters, digits and dashes")
    return f"{kind}-{term}"


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:  # destroyed by another node since the folder was listed
        return b""


def _make(folder: Path, name: str, content: bytes) -> None:
    """Write a file whole, or leave the one that another node wrote first."""
    handle, temporary = tempfile.mkstemp(prefix="new-", dir=folder)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fchmod(file.fileno(), 0o400)
            os.fsync(file.fileno())
        os.link(temporary, folder / name)
    except FileExistsError:
        pass
    finally:
        Path(temporary).unlink()
    _sync(folder)


def _destroy(path: Path) -> None:
    """Overwrite, then unlink."""
    try:
        path.chmod(0o600)
        with path.open("r+b") as file:
            file.write(b"\0" * path.stat().st_size)
            file.flush()
            os.fsync(file.fileno())
        path.unlink()
    except FileNotFoundError:  # another node was faster
        return
    _sync(path.parent)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _month_end(month: str) -> date:
    year, number = int(month[:4]), int(month[5:])
    return date(year + number // 12, number % 12 + 1, 1) - timedelta(days=1)
