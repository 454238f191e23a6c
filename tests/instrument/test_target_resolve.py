"""Which promise answers for a unit, a sector and a day (decision 2)."""

from __future__ import annotations

from datetime import date
from types import MappingProxyType, SimpleNamespace
from typing import Any

import pytest
from make_surveys import SURVEYS

from sipas.instrument.shelf import read_shelf
from sipas.instrument.targets import Resolved, Target, TargetSet, resolve

SHELF = read_shelf(SURVEYS)
QUANG_NAM = [("province", "49")]
NUI_THANH = [("district", "517"), ("province", "49")]
DA_NANG = [("commune", "20965"), ("province", "48")]
NINETY_ONE = [("province", "91")]


def found(chain: Any, sector: str, day: date, *, family: str = "procedures", **more: Any) -> Resolved | None:
    return resolve(SHELF, chain=chain, sector=sector, family=family, day=day, **{"demonstration": False} | more)


def named(resolved: Resolved | None) -> tuple[str, float, bool] | None:
    return resolved and (resolved.set.code, resolved.target.value, resolved.expired)


@pytest.mark.parametrize(
    ("chain", "sector", "day", "expected"),
    [
        (QUANG_NAM, "land", date(2023, 6, 1), ("quang-nam-2023", 0.85, False)),  # the exact sector before the family
        (QUANG_NAM, "others", date(2023, 6, 1), ("quang-nam-2023", 0.90, False)),  # the family
        (QUANG_NAM, "procedures", date(2023, 6, 1), ("quang-nam-2023", 0.90, False)),  # the family as a whole
        (NUI_THANH, "land", date(2023, 6, 1), ("quang-nam-2023", 0.85, False)),  # the nearest ancestor
        (QUANG_NAM, "land", date(2023, 12, 31), ("quang-nam-2023", 0.85, False)),  # the last day is in force
        (QUANG_NAM, "land", date(2024, 1, 1), ("quoc-gia-2025", 0.85, False)),  # one in force before one expired
        (DA_NANG, "land", date(2025, 8, 1), ("quoc-gia-2025", 0.85, False)),  # the whole tree
        (DA_NANG, "land", date(2026, 1, 1), ("quoc-gia-2025", 0.85, True)),  # only an expired one is left
        (QUANG_NAM, "land", date(2020, 1, 1), None),  # nothing has begun
        (NINETY_ONE, "land", date(2025, 6, 30), ("kien-giang-2025", 0.85, False)),  # 91 is still Kiên Giang
        (NINETY_ONE, "land", date(2025, 7, 1), ("quoc-gia-2025", 0.85, False)),  # 91 is An Giang: nothing passes on
        (NINETY_ONE, "land", date(2026, 6, 1), ("quoc-gia-2025", 0.85, True)),
    ],
)
def test_promise_in_force(chain: Any, sector: str, day: date, expected: tuple[str, float, bool] | None) -> None:
    assert named(found(chain, sector, day)) == expected


def test_service_of_agencies_is_another_indicator() -> None:
    nha_trang = [("district", "568"), ("province", "56")]
    resolved = found(nha_trang, "*", date(2023, 5, 1), indicator="agency_service")
    assert resolved
    assert (resolved.set.code, resolved.target.operator) == ("nha-trang-2023", ">")
    assert named(found(nha_trang, "land", date(2023, 5, 1))) == ("quoc-gia-2025", 0.85, False)


def test_demonstration_is_judged_by_its_own_set_alone() -> None:
    assert named(found(DA_NANG, "land", date(2026, 11, 26), demonstration=True)) == ("demo-2026", 0.85, False)
    assert named(found(DA_NANG, "civil_status", date(2026, 11, 26), demonstration=True)) == ("demo-2026", 0.90, False)
    assert named(found(DA_NANG, "health", date(2026, 11, 26), family="services", demonstration=True)) == ("demo-2026", 0.85, False)
    assert found(DA_NANG, "land", date(2024, 1, 1), demonstration=True) is None


def made(*lines: tuple[Any, str, float], code: str = "s", until: date | None = None, last: date = date(2026, 12, 31)) -> TargetSet:
    targets = tuple(Target("procedures", "overall", unit, until, sector, ">=", value) for unit, sector, value in lines)
    return TargetSet(code, {"vi": code}, "…", "V", date(2026, 1, 1), last, demonstration=False, lines=targets)


def resolved_from(*sets: TargetSet, day: date = date(2026, 6, 1)) -> tuple[str, float, bool] | None:
    shelf: Any = SimpleNamespace(targets=MappingProxyType({each.code: each for each in sets}))
    chain = [("one_stop", "A"), ("commune", "B"), ("province", "C")]
    return named(resolve(shelf, chain=chain, sector="land", family="procedures", day=day, demonstration=False))


def test_nearest_unit_decides_even_where_it_is_less_exact() -> None:
    near, far = made((("commune", "B"), "*", 0.7), code="near"), made((("province", "C"), "land", 0.9), code="far")
    assert resolved_from(near, far) == ("near", 0.7, False)


def test_own_unit_comes_before_its_ancestors_and_the_whole_tree_last() -> None:
    lines = [(None, "land", 0.1), (("province", "C"), "land", 0.2), (("one_stop", "A"), "procedures", 0.3)]
    assert resolved_from(made(*lines)) == ("s", 0.3, False)
    assert resolved_from(made(*lines[:2])) == ("s", 0.2, False)
    assert resolved_from(made(*lines[:1])) == ("s", 0.1, False)


def test_code_of_another_tier_is_another_unit() -> None:
    assert resolved_from(made((("province", "A"), "land", 0.3))) is None


def test_of_two_expired_sets_the_later_is_shown() -> None:
    old = made((None, "land", 0.8), code="old", last=date(2026, 2, 1))
    newer = made((None, "land", 0.85), code="newer", last=date(2026, 3, 1))
    assert resolved_from(old, newer) == ("newer", 0.85, True)


def test_set_of_an_abolished_unit_is_not_even_shown_as_expired() -> None:
    gone = made((("province", "C"), "land", 0.8), until=date(2026, 5, 1), last=date(2026, 3, 1))
    assert resolved_from(gone, day=date(2026, 4, 1)) == ("s", 0.8, True)
    assert resolved_from(gone, day=date(2026, 5, 1)) is None
