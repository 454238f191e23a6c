"""What was set aside costs the headline nothing, and is told wherever it gives nothing away."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from sipas.reports.auditing import audit
from sipas.reports.counting import HEADLINE, WITH_ASIDE
from sipas.reports.facts import compute
from sipas.store.engine import Store
from sipas.store.facts import PROTECTS, TOLD, Domain, Said, list_released
from tests.reports import sealed_rows as make
from tests.reports.stuffed_rows import honest, stuff

STRATA = [0, 25]  # of the first one the months that nothing was set aside in give the small ones away, of the other they do not


@dataclass(frozen=True, slots=True)
class Case:
    """What a run says of every domain, and what an audit finds."""

    released: Mapping[Domain, Said]
    leaks: tuple[str, ...]
    province: make.Province

    def said(self, period: str, unit: int, sector: str, channels: str) -> Said:
        return self.released[Domain(period, unit, "receiving", sector, channels)]


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory, blank_sqlite: Path) -> dict[int | None, Case]:
    """An honest province, and the same with sixty answers of a stratum set aside."""
    folder = tmp_path_factory.mktemp("aside")
    made: dict[int | None, Case] = {}
    for stratum in (None, *STRATA):
        shutil.copy(blank_sqlite, folder / f"{stratum}.sqlite")
        store = Store(f"sqlite:///{folder / f'{stratum}.sqlite'}")
        province = honest(store)
        if stratum is not None:
            stuff(store, province, unit=province.strata[stratum][0], quarantine="by_people")
        compute(store, make.shelf(), make.WAVE)
        with store.read() as session:
            released = list_released(session, make.WAVE)
        made[stratum] = Case(released, audit(store, make.shelf(), make.WAVE, details=False).leaks, province)
        store.close()
    return made


@pytest.mark.parametrize("stratum", STRATA)
def test_no_headline_is_hidden_for_what_was_set_aside(cases: dict[int | None, Case], stratum: int) -> None:
    after = cases[stratum]
    assert {domain: said for domain, said in after.released.items() if domain.channels != WITH_ASIDE} == cases[None].released
    assert after.leaks == ()


def test_it_is_told_where_it_gives_nothing_away(cases: dict[int | None, Case]) -> None:
    case = cases[STRATA[1]]
    year = "2026-ytd-11", case.province.root, "civil_status"
    assert case.said(*year, WITH_ASIDE).word == TOLD
    assert case.said(*year, WITH_ASIDE).n - case.said(*year, HEADLINE).n == 60


def test_it_is_hidden_where_its_months_would_give_the_headline_away(cases: dict[int | None, Case]) -> None:
    """Nothing was set aside before the fourth quarter: the year to date less that quarter is the headline's nine months, and told
    with its year to date they are the quarter that the headline hides for the sake of five answers in August and six in September.
    """
    case = cases[STRATA[0]]
    unit = case.province.strata[STRATA[0]][0]
    year, quarter = (("2026-ytd-11", unit, "procedures"), ("2026-Q4", unit, "procedures"))
    assert (case.said(*year, HEADLINE).word, case.said(*quarter, HEADLINE).word) == (TOLD, PROTECTS)
    assert {case.said(month, unit, "procedures", HEADLINE).n for month in ("2026-08", "2026-09")} == {5, 6}
    assert TOLD not in {case.said(*year, WITH_ASIDE).word, case.said(*quarter, WITH_ASIDE).word}
