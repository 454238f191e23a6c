"""What the sentences say, and where they say too little."""

from __future__ import annotations

import pytest

from sipas.imports.predecessors import Key, NewUnit, OldUnit, fold, split_parts, trace, trace_provinces
from sipas.imports.units import FOLDER, Gazetteer, origins_of

ORIGINS = {"48": frozenset({"48", "49"})}


def old(code: str, full_name: str, district: str = "Huyện Đại Lộc", province: str = "49") -> OldUnit:
    return OldUnit(Key("commune", code), full_name, district, province)


def new(code: str, merged_from: str) -> NewUnit:
    return NewUnit(Key("commune", code), f"Xã {code}", "48", merged_from)


def extents(units: list[NewUnit], olds: list[OldUnit]) -> dict[tuple[str, str], str]:
    return {(link.old.code, link.new.code): link.extent for link in trace(units, olds, ORIGINS).links}


def test_commas_in_brackets_do_not_part_names() -> None:
    parts = split_parts("Xã A (phần còn lại sau khi sáp nhập vào phường B, phường C), Phường 1 (Quận 8), Xã D (do huyện E quản lý)")
    assert [(part.full_name, part.district, part.extent) for part in parts] == [
        ("Xã A", "", "part"),
        ("Phường 1", "Quận 8", "whole"),
        ("Xã D", "huyện E", "whole"),
    ]


@pytest.mark.parametrize(
    ("one", "other"),
    [("Xã Hoà Thuỷ", "xã Hòa Thủy"), ("Phường 01", "Phường 1"), ("Xã Ia RVê", "Xã Ia Rvê"), ("Bà Rịa - Vũng Tàu", "Bà Rịa Vũng Tàu")],
)
def test_spellings_of_one_name_are_one(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@pytest.mark.parametrize(("one", "other"), [("Xã Lượng Minh", "Xã Lưỡng Minh"), ("Xã Đăk Long", "Xã Đắk Long"), ("Phường 10", "Phường 1")])
def test_names_that_sound_different_are_two(one: str, other: str) -> None:
    assert fold(one) != fold(other)


def test_unique_name_is_whole_and_a_remark_makes_it_a_part() -> None:
    assert extents([new("1", "Xã A, Xã B (một phần)")], [old("10", "Xã A"), old("11", "Xã B")]) == {
        ("10", "1"): "whole",
        ("11", "1"): "part",
    }


def test_old_unit_that_two_new_ones_name_was_divided() -> None:
    units = [new("1", "Xã A"), new("2", "Xã A (phần còn lại sau khi sáp nhập vào xã 1)")]
    assert set(extents(units, [old("10", "Xã A")]).values()) == {"part"}


def test_name_that_two_old_units_bear_is_listed_and_never_guessed() -> None:
    olds = [old("10", "Xã A"), old("11", "Xã A", "Huyện Duy Xuyên")]
    lineage = trace([new("1", "Xã A")], olds, ORIGINS)
    assert not lineage.links
    assert [(one.reason, [candidate.key.code for candidate in one.candidates]) for one in lineage.unresolved] == [
        ("ambiguous", ["10", "11"])
    ]


def test_district_in_brackets_decides_and_the_doubt_stays_visible() -> None:
    olds = [old("10", "Xã A"), old("11", "Xã A", "Huyện Duy Xuyên")]
    assert extents([new("1", "Xã A (huyện Duy Xuyên)")], olds) == {("11", "1"): "whole"}
    assert extents([new("1", "Xã A (huyện Duy Xuyên)"), new("2", "Xã A")], olds) == {("11", "1"): "unknown"}


def test_same_name_in_a_province_that_did_not_go_in_is_no_candidate() -> None:
    assert extents([new("1", "Xã A")], [old("10", "Xã A"), old("11", "Xã A", province="51")]) == {("10", "1"): "whole"}


def test_unchanged_unit_is_found_by_its_code() -> None:
    assert extents([new("10", "giữ nguyên")], [old("10", "Xã Lưỡng Minh")]) == {("10", "10"): "whole"}


def test_provinces_are_joined_by_and() -> None:
    lineage = Gazetteer.read(FOLDER).provinces()
    assert origins_of(lineage)["25"] == {"25", "26", "17"}
    assert origins_of(lineage)["79"] == {"79", "77", "74"}
    assert len(lineage.links) == 63
    assert not lineage.unresolved


def test_unknown_province_is_listed() -> None:
    lineage = trace_provinces(
        [NewUnit(Key("province", "1"), "Tỉnh A", "", "tỉnh B và tỉnh C")], [OldUnit(Key("province", "2"), "Tỉnh B", "", "")]
    )
    assert [one.part for one in lineage.unresolved] == ["tỉnh C"]


def test_so_many_named_parts_of_the_country_resolve() -> None:
    gazetteer = Gazetteer.read(FOLDER)
    communes = gazetteer.communes(origins_of(gazetteer.provinces()))
    assert (communes.parts, communes.resolved) == (10_394, 10_016)
    assert communes.parts - communes.resolved == len(communes.unresolved)
