"""Units of a province's own, believable by default."""

from __future__ import annotations

from sipas.imports.planting import Tree, UnitRow, plant
from sipas.imports.predecessors import Key
from sipas.imports.units import REFORM
from sipas.store.engine import Store


def add_local(store: Store, code: str, *, tier: str = "one_stop", name: str = "TTPVHCC Tam Kỳ", parent: Key | None = None) -> None:
    """One unit below Tam Kỳ, or below ``parent``."""
    above = parent or Key("commune", "20341")
    row = UnitRow(1, Key(tier, code), "Trung tâm", name, f"{name} đầy đủ", "", above, REFORM)
    with store.write() as session:
        plant(session, "made", [row], Tree.read(session))
