"""The provinces and communes of Viet Nam, before and after 1 July 2025, with what each was made from."""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sqlalchemy.orm import Session

from sipas.imports.complaints import BadFileError, Complaint
from sipas.imports.planting import Progress, Tree, UnitRow, plant
from sipas.imports.predecessors import Key, Lineage, Link, NewUnit, OldUnit, Unresolved, trace, trace_provinces
from sipas.store.engine import Store
from sipas.store.units import add_predecessors, list_links
from sipas.terms import SipasError

FOLDER = Path(__file__).resolve().parents[1] / "data" / "administrative-units"
REFORM = date(2025, 7, 1)
UNRESOLVED = "unresolved-predecessors.csv"

Record = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Source:
    """One file of the folder: which tier it holds, what stands above, and from when until when."""

    name: str
    tier: str
    parent_tier: str = ""
    parent_column: str = ""
    valid_from: date | None = None
    valid_to: date | None = None


OLD_PROVINCES = Source("provinces-before-2025-07.csv", "province", valid_to=REFORM)
OLD_DISTRICTS = Source("districts-before-2025-07.csv", "district", "province", "province_code", valid_to=REFORM)
OLD_COMMUNES = Source("communes-before-2025-07.csv", "commune", "district", "district_code", valid_to=REFORM)
NEW_PROVINCES = Source("provinces-2025.csv", "province", valid_from=REFORM)
NEW_COMMUNES = Source("communes-2025.csv", "commune", "province", "province_code", valid_from=REFORM)
SOURCES = (OLD_PROVINCES, OLD_DISTRICTS, OLD_COMMUNES, NEW_PROVINCES, NEW_COMMUNES)


class UnknownProvinceError(SipasError):
    """No province of today has that code."""


@dataclass(frozen=True, slots=True)
class UnitsReport:
    """What an import did."""

    added: int
    links_added: int
    lineage: Lineage


@dataclass(frozen=True, slots=True)
class Gazetteer:
    """The five files as they were read, each row with its line."""

    records: Mapping[str, Sequence[tuple[int, Record]]]

    @classmethod
    def read(cls, folder: Path) -> Gazetteer:
        """Read the folder; BadFileError names the file that is missing or has other columns."""
        return cls({source.name: tuple(_read_records(folder / source.name, source)) for source in SOURCES})

    def provinces(self) -> Lineage:
        """From which old provinces each of today was made."""
        new = [
            NewUnit(Key("province", row["code"]), row["full_name"], "", row["merged_from"]) for _, row in self.records[NEW_PROVINCES.name]
        ]
        old = [OldUnit(Key("province", row["code"]), row["full_name"], "", "") for _, row in self.records[OLD_PROVINCES.name]]
        return trace_provinces(new, old)

    def communes(self, origins: Mapping[str, frozenset[str]]) -> Lineage:
        """From which old communes and districts each commune of today was made."""
        new = [
            NewUnit(Key("commune", row["code"]), row["full_name"], row["province_code"], row["merged_from"])
            for _, row in self.records[NEW_COMMUNES.name]
        ]
        return trace(new, self._old_units(), dict(origins))

    def only(self, province: str) -> Gazetteer:
        """The part of the folder that concerns one province of today."""
        origins = origins_of(self.provinces())
        if province not in origins:
            raise UnknownProvinceError(f"there is no province {province!r}; the codes of today are {', '.join(sorted(origins))}")
        old = origins[province]
        districts = {row["code"] for _, row in self.records[OLD_DISTRICTS.name] if row["province_code"] in old}
        keep = {
            OLD_PROVINCES.name: ("code", old),
            OLD_DISTRICTS.name: ("province_code", old),
            OLD_COMMUNES.name: ("district_code", districts),
            NEW_PROVINCES.name: ("code", {province}),
            NEW_COMMUNES.name: ("province_code", {province}),
        }
        return Gazetteer(
            {name: tuple(pair for pair in self.records[name] if pair[1][column] in values) for name, (column, values) in keep.items()}
        )

    def _old_units(self) -> list[OldUnit]:
        districts = {row["code"]: row for _, row in self.records[OLD_DISTRICTS.name]}
        units = [OldUnit(Key("district", code), row["full_name"], "", row["province_code"]) for code, row in districts.items()]
        for _, row in self.records[OLD_COMMUNES.name]:
            district = districts.get(row["district_code"])
            if district is None:
                continue  # planting complains about it, with its line
            units.append(OldUnit(Key("commune", row["code"]), row["full_name"], district["full_name"], district["province_code"]))
        return units


def origins_of(lineage: Lineage) -> dict[str, frozenset[str]]:
    """New province → the old ones that went into it, by code."""
    origins: dict[str, frozenset[str]] = {}
    for link in lineage.links:
        origins[link.new.code] = origins.get(link.new.code, frozenset()) | {link.old.code}
    return origins


def import_units(store: Store, folder: Path = FOLDER, *, province: str | None = None, progress: Progress = lambda _: None) -> UnitsReport:
    """Load the units of the country, or of one province, with their predecessors. A second run adds nothing.

    Everything is stored in one transaction: an interrupted import leaves the tree as it was.
    """
    gazetteer = Gazetteer.read(folder)
    if province is not None:
        gazetteer = gazetteer.only(province)
    provinces = gazetteer.provinces()
    communes = gazetteer.communes(origins_of(provinces))
    total = sum(len(records) for records in gazetteer.records.values())
    added = done = 0
    with store.write() as session:
        tree = Tree.read(session)
        for source in SOURCES:
            rows = [_row(line, record, source) for line, record in gazetteer.records[source.name]]
            new, tree = plant(session, source.name, rows, tree)
            added += new
            done += len(rows)
            progress(f"{done:,} of {total:,} units · {source.name}")
        links = _link(session, tree, [*provinces.links, *communes.links])
    progress(f"{links:,} new predecessor links · {communes.resolved:,} of {communes.parts:,} named parts resolved")
    return UnitsReport(added, links, communes)


def list_unresolved(folder: Path = FOLDER) -> tuple[Unresolved, ...]:
    """Every named part that does not point at exactly one old unit, in the order of the file."""
    gazetteer = Gazetteer.read(folder)
    provinces = gazetteer.provinces()
    return (*provinces.unresolved, *gazetteer.communes(origins_of(provinces)).unresolved)


def write_unresolved(path: Path, unresolved: Iterable[Unresolved]) -> None:
    """The committed list: one row a part, with the old units that it may mean."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["new_code", "new_name", "part", "reason", "candidates"])
        for one in unresolved:
            candidates = "; ".join(f"{old.key.code} {old.full_name} ({old.district})" for old in one.candidates)
            writer.writerow([one.new_code, one.new_name, one.part, one.reason, candidates])


def _link(session: Session, tree: Tree, links: Sequence[Link]) -> int:
    known, rows = list_links(session), []
    for link in links:
        old, new = tree.find(link.old, None), tree.find(link.new, REFORM)
        assert old is not None, link
        assert new is not None, link
        if (old, new) not in known:
            rows.append({"old_id": old, "new_id": new, "extent": link.extent, "source_text": link.source_text})
    add_predecessors(session, rows)
    return len(rows)


def _row(line: int, record: Record, source: Source) -> UnitRow:
    return UnitRow(
        line=line,
        key=Key(source.tier, record["code"]),
        kind=record["kind"],
        name=record["name"],
        full_name=record["full_name"],
        name_en=record["name_en"],
        parent=Key(source.parent_tier, record[source.parent_column]) if source.parent_tier else None,
        valid_from=source.valid_from,
        valid_to=source.valid_to,
    )


def _read_records(path: Path, source: Source) -> Iterable[tuple[int, Record]]:
    wanted = ["code", "name", "full_name", "name_en", "kind", *([source.parent_column] if source.parent_column else [])]
    wanted += ["merged_from"] if source.valid_from else []
    if not path.is_file():
        raise BadFileError(path.name, [Complaint(0, "", "", "is not there", f"the folder {path.parent} must hold it")])
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        if missing := [column for column in wanted if column not in (reader.fieldnames or ())]:
            raise BadFileError(path.name, [Complaint(1, column, "", "is missing", "name it in the first line") for column in missing])
        for record in _decoded(reader, path.name):
            clean = {column: unicodedata.normalize("NFC", record[column] or "").strip() for column in wanted}
            if empty := [column for column in ("code", "name", "full_name") if not clean[column]]:
                raise BadFileError(path.name, [Complaint(reader.line_num, empty[0], "", "is empty", "fill it in")])
            yield reader.line_num, clean


def _decoded(reader: csv.DictReader[str], name: str) -> Iterable[Record]:
    try:
        yield from reader
    except UnicodeDecodeError:
        raise BadFileError(name, [Complaint(0, "", "", "is not UTF-8", "save it as UTF-8")]) from None
