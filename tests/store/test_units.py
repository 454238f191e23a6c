"""The unit tree: the date decides what a code means, and the branch is a path."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy.exc import IntegrityError

from sipas.store.engine import Store
from sipas.store.units import (
    Counter,
    CounterCode,
    Unit,
    UnknownCounterError,
    UnknownUnitError,
    add_predecessors,
    add_unit,
    add_units,
    count_units,
    find_deciding,
    find_unit,
    get_counter,
    get_unit,
    list_bearers,
    list_branch,
    list_links,
    list_predecessors,
    list_signs,
    list_successors,
    replace_deciding,
)

REFORM = date(2025, 7, 1)


def unit(
    code: str, name: str, *, tier: str = "province", parent: int | None = None, start: date | None = REFORM, end: date | None = None
) -> Unit:
    return Unit(code=code, tier=tier, kind="Tỉnh", name=name, full_name=f"Tỉnh {name}", parent_id=parent, valid_from=start, valid_to=end)


def columns(code: str, name: str, parent: int | None, tier: str = "commune") -> dict[str, object]:
    row = {"code": code, "tier": tier, "kind": "Xã", "name": name, "full_name": f"Xã {name}", "name_en": ""}
    return {**row, "parent_id": parent, "valid_from": REFORM, "valid_to": None}


def test_date_decides_what_code_91_means(store: Store) -> None:
    with store.write() as session:
        add_unit(session, unit("91", "Kiên Giang", start=None, end=REFORM))
        add_unit(session, unit("91", "An Giang"))
    with store.read() as session:
        names = [found.name for day in (date(2025, 6, 30), REFORM) if (found := find_unit(session, "91", tier="province", day=day))]
        assert names == ["Kiên Giang", "An Giang"]
        assert find_unit(session, "91", tier="commune", day=REFORM) is None
        assert [bearer.bore(date(2025, 6, 30)) for bearer in list_bearers(session)] == [True, False]


def test_one_by_one_and_in_bulk_units_get_the_same_kind_of_path(store: Store) -> None:
    with store.write() as session:
        root = add_unit(session, unit("48", "Đà Nẵng"))
        add_units(session, [columns("1", "A", root.id), columns("2", "B", root.id)])
        add_units(session, [])
        first = find_unit(session, "1", tier="commune", day=REFORM)
        assert first is not None
        add_units(session, [columns("1.1", "A.1", first.id, tier="school")])
        session.expire_all()
        assert root.path == f"/{root.id}/"
        assert [one.name for one in list_branch(session, root)] == ["Đà Nẵng", "A", "A.1", "B"]
        assert [one.name for one in list_branch(session, get_unit(session, first.id))] == ["A", "A.1"]
        assert count_units(session, REFORM) == {("commune", "Xã"): 2, ("province", "Tỉnh"): 1, ("school", "Xã"): 1}


def test_code_tier_and_start_are_unique(store: Store) -> None:
    with store.write() as session:
        add_unit(session, unit("91", "An Giang"))
    with pytest.raises(IntegrityError), store.write() as session:
        add_unit(session, unit("91", "Kiên Giang"))


def test_unit_cannot_end_before_it_began(store: Store) -> None:
    with pytest.raises(IntegrityError), store.write() as session:
        add_unit(session, unit("91", "An Giang", end=date(2025, 6, 30)))


def test_predecessors_and_successors_are_the_two_ends_of_a_link(store: Store) -> None:
    with store.write() as session:
        old = [add_unit(session, unit(code, code, start=None, end=REFORM)) for code in ("49", "48")]
        new = add_unit(session, unit("48", "Đà Nẵng"))
        add_predecessors(session, [{"old_id": one.id, "new_id": new.id, "extent": "whole", "source_text": "…"} for one in old])
        add_predecessors(session, [])
        assert [one.code for _, one in list_predecessors(session, new.id)] == ["48", "49"]
        assert [one.id for _, one in list_successors(session, old[0].id)] == [new.id]
        assert list_links(session) == {(one.id, new.id) for one in old}


def test_counters_are_listed_with_revoked_codes_and_without_any(store: Store) -> None:
    with store.write() as session:
        root = add_unit(session, unit("48", "Đà Nẵng"))
        other = add_unit(session, unit("49", "Quảng Nam"))
        for owner, name in ((root, "Quầy 2"), (root, "Quầy 1"), (other, "Quầy 1")):
            session.add(Counter(unit_id=owner.id, name=name, sectors="land"))
        session.flush()
        desk = list_signs(session, [root.id])[0][1]
        session.add(CounterCode(code="A" * 10, counter_id=desk.id, revoked=True))
        session.flush()
        rows = [(one.code, counter.name, code.code if code else None) for one, counter, code in list_signs(session)]
        assert rows == [("48", "Quầy 1", "A" * 10), ("48", "Quầy 2", None), ("49", "Quầy 1", None)]
        assert get_counter(session, desk.id) is desk
        with pytest.raises(UnknownCounterError, match="no counter number 999"):
            get_counter(session, 999)
        with pytest.raises(UnknownUnitError, match="no unit number 999"):
            get_unit(session, 999)


def test_deciding_unit_is_replaced(store: Store) -> None:
    with store.write() as session:
        ward, office, city = (add_unit(session, unit(code, code)) for code in ("1", "2", "3"))
        replace_deciding(session, ward.id, "land", city.id)
        replace_deciding(session, ward.id, "land", office.id)
        assert find_deciding(session, ward.id, "land") == office.id
        assert find_deciding(session, ward.id, "others") is None
