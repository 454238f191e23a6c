"""The folder of an extract: which weeks it holds, which are still those of the database, and what is made anew."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sipas.extract.files import read_meta, read_week, write_week
from sipas.extract.table import WeekTable, make_table
from sipas.store.batches import list_batches
from sipas.store.engine import Store
from sipas.store.proposals import read_standing
from sipas.store.reading import Session, list_sealed, list_weeks

Items = Mapping[str, tuple[str, ...]]  # instrument → its scale items
Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Known:
    """A week of a wave as the database has it."""

    week: str
    closed: bool
    root: str  # hex, of the batch; with what two people set aside since, a hash of both
    n: int  # answers of the batch, those of other waves included


@dataclass(frozen=True, slots=True)
class Verified:
    """What came of a look at every file."""

    weeks: int
    rows: int
    faults: tuple[str, ...]


class Extract:
    """The files of all waves below one folder; without a folder every table is made from the rows each time.

    A file is read only if its root is that of its batch (decision 18). A closed week is written once; the open one after each seal,
    and the bytes it had before are overwritten first, so that two days' versions cannot be laid side by side.
    """

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder

    @classmethod
    def of(cls, store: Store, folder: str) -> Extract:
        """The extract in the folder that a setting names; where it names none, beside an SQLite database, else in ``var/extract``."""
        if folder:
            return cls(Path(folder))
        return cls(store.path.with_name(f"{store.path.name}-extract") if store.is_sqlite else Path("var/extract"))

    def list_known(self, session: Session, wave: str) -> tuple[Known, ...]:
        """The weeks in which a wave has sealed answers, oldest first."""
        batches, standing = {batch["week"]: batch for batch in list_batches(session)}, read_standing(session)
        return tuple(
            Known(week, closed, _root(batches[week]["root"].hex(), standing.mark(week)), batches[week]["n"])
            for week, closed in list_weeks(session, wave)
        )

    def tables(self, session: Session, wave: str, weeks: Sequence[Known], items: Items) -> Iterator[WeekTable]:
        """The table of each week, read from its file or made from the rows."""
        for known in weeks:
            yield self.table(session, wave, known, items)

    def table(self, session: Session, wave: str, known: Known, items: Items) -> WeekTable:
        """One week's table; its file is written where it is missing, broken or another batch's."""
        if self.folder is None:
            return make_table(wave, known.week, list_sealed(session, wave, known.week, closed=known.closed), items)
        self.ensure(session, wave, known, items)
        return self.read(wave, known)

    def ensure(self, session: Session, wave: str, known: Known, items: Items) -> None:
        """Write a week's file unless the one that is there belongs to the week's batch."""
        path = self.path(wave, known.week)
        told = read_meta(path)
        if told is None or (told["root"], told["week"], told["wave"]) != (known.root, known.week, wave):
            path.parents[1].mkdir(mode=0o700, parents=True, exist_ok=True)  # single answers of small units: for this account alone
            table = make_table(wave, known.week, list_sealed(session, wave, known.week, closed=known.closed), items)
            _wipe(path)
            write_week(path, table, known.root)

    def read(self, wave: str, known: Known, part: range | None = None) -> WeekTable:
        """A week's table from its file, which ensure() has seen; or its clusters that begin in a range of rows."""
        return read_week(self.path(wave, known.week), part, root=known.root)

    def follow(self, session: Session, waves: Sequence[str], items: Items, *, progress: Progress = lambda _: None) -> int:
        """Bring the files of some waves to the database's state; how many weeks there are."""
        weeks = 0
        for wave in waves:
            known = self.list_known(session, wave)
            for place, one in enumerate(known, 1):
                self.ensure(session, wave, one, items)
                progress(f"{wave}: week {place} of {len(known)}")
            weeks += len(known)
        return weeks

    def rebuild(self, session: Session, waves: Sequence[str], items: Items, *, progress: Progress = lambda _: None) -> int:
        """Forget every file and write them all anew from the sealed rows."""
        for path in self.files():
            _wipe(path)
        return self.follow(session, waves, items, progress=progress)

    def verify(self, session: Session, waves: Sequence[str], items: Items) -> Verified:
        """Make every table from the rows and compare it with its file, to the last code."""
        faults, weeks, rows = [], 0, 0
        wanted = set()
        for wave in waves:
            for known in self.list_known(session, wave):
                path = self.path(wave, known.week)
                wanted.add(path)
                table = make_table(wave, known.week, list_sealed(session, wave, known.week, closed=known.closed), items)
                weeks, rows = weeks + 1, rows + table.n
                if fault := _fault(path, known, table):
                    faults.append(f"{path.relative_to(path.parents[1])}: {fault}")
        stray = [path for path in self.files() if path.suffix == ".parquet" and path not in wanted]
        faults += [f"{path.relative_to(path.parents[1])}: no such week is sealed" for path in stray]
        return Verified(weeks, rows, tuple(faults))

    def path(self, wave: str, week: str) -> Path:
        """Where a week's file lies."""
        assert self.folder is not None
        return self.folder / wave / f"{week}.parquet"

    def files(self) -> tuple[Path, ...]:
        """Every file of the extract and what was counted from it."""
        if self.folder is None or not self.folder.is_dir():
            return ()
        return tuple(sorted(path for ending in ("parquet", "counts") for path in self.folder.glob(f"*/*.{ending}")))


def _root(root: str, mark: str) -> str:
    """What a file and its counts are known by: another where people decided something about the week's answers."""
    return hashlib.sha256(f"{root} {mark}".encode()).hexdigest() if mark else root


def _fault(path: Path, known: Known, table: WeekTable) -> str:
    told = read_meta(path)
    if told is None:
        return "missing or unreadable"
    if told["root"] != known.root:
        return "of another batch; it is not read and will be written anew"
    try:
        there = read_week(path).content()
    except (OSError, ValueError, KeyError) as error:
        return f"damaged ({type(error).__name__})"
    return "" if there == table.content() == told["content"] else "its answers are not those that were sealed"


def _wipe(path: Path) -> None:
    """Overwrite a file's bytes, then let go of it."""
    if not path.exists():
        return
    with path.open("rb+") as file:
        left = path.stat().st_size
        while left > 0:
            left -= file.write(bytes(min(left, 1 << 20)))
        file.flush()
        os.fsync(file.fileno())
    path.unlink()
