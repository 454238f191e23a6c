"""Departments, one-stop centres, land offices, hospitals and schools: units of a province's own, from one small file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sipas.imports.complaints import BadFileError, Complaint
from sipas.imports.planting import Tree, UnitRow, plant
from sipas.imports.predecessors import Key
from sipas.imports.tables import Column, Record, Table, read_table
from sipas.store.engine import Store

COLUMNS = (
    Column("code", ("mã", "mã đơn vị")),
    Column("tier", ("cấp",)),
    Column("kind", ("loại", "loại đơn vị")),
    Column("name", ("tên", "tên ngắn")),
    Column("full_name", ("tên đầy đủ",)),
    Column("name_en", ("tên tiếng anh",), required=False),
    Column("parent_code", ("mã cấp trên", "mã đơn vị cấp trên")),
    Column("parent_tier", ("cấp của đơn vị cấp trên",)),
    Column("valid_from", ("từ ngày", "hiệu lực từ")),
)
LONGEST = {"code": 32, "tier": 24, "kind": 32, "name": 200, "full_name": 250, "name_en": 250}


@dataclass(frozen=True, slots=True)
class LocalReport:
    """What an import did."""

    rows: int
    added: int
    found: str


def import_local_units(store: Store, path: Path) -> LocalReport:
    """Load a province's own units; all of them or none. A second run adds nothing. Rows may stand in any order."""
    table = read_table(path, COLUMNS)
    complaints: list[Complaint] = []
    rows = [row for record in table.records if (row := _read(record, table, complaints)) is not None]
    if complaints:
        raise BadFileError(table.name, complaints)
    with store.write() as session:
        added, _ = plant(session, table.name, rows, Tree.read(session))
    return LocalReport(len(rows), added, f"Found {table.found}, {len(rows):,} rows.")


def _read(record: Record, table: Table, complaints: list[Complaint]) -> UnitRow | None:
    def complain(column: str, fault: str, cure: str) -> None:
        value = record.cells.get(column, "")
        complaints.append(Complaint(record.line, table.header.get(column, column), value, fault, cure))

    before = len(complaints)
    cells = {column.name: record.cells.get(column.name, "") for column in COLUMNS}
    for column in ("code", "tier", "kind", "name", "full_name"):
        if not cells[column]:
            complain(column, "is empty", "fill it in")
    for column, longest in LONGEST.items():
        if len(cells[column]) > longest:
            complain(column, f"is longer than {longest} letters", "shorten it")
    if "@" in cells["code"] or " " in cells["code"]:
        complain("code", "holds @ or a blank", "write codes without them, because files name units as code@tier")
    if bool(cells["parent_code"]) != bool(cells["parent_tier"]):
        complain("parent_code", "needs its tier, and the tier its code", "fill in both, or neither for the top of the tree")
    try:
        valid_from = date.fromisoformat(cells["valid_from"])
    except ValueError:
        complain("valid_from", "is no day", "write it as 2025-07-01")
        return None
    if len(complaints) > before:
        return None
    return UnitRow(
        line=record.line,
        key=Key(cells["tier"], cells["code"]),
        kind=cells["kind"],
        name=cells["name"],
        full_name=cells["full_name"],
        name_en=cells["name_en"],
        parent=Key(cells["parent_tier"], cells["parent_code"]) if cells["parent_code"] else None,
        valid_from=valid_from,
    )
