"""The pages of unusual signs in a browser: nothing found, and one unit with every kind of sign."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from journey_steps import Province, sign_in
from playwright.sync_api import Browser, BrowserContext
from test_every_page import look

from sipas.stats.forensics.signals import SIGNALS
from sipas.store.engine import Store
from sipas.store.forensics import Screening, ScreeningFlag, ScreeningShare, add_screening

WAVE, UNIT = "demo-2026", "SELECT unit_id FROM counter GROUP BY unit_id ORDER BY count(*) DESC"


@pytest.fixture(scope="module")
def analyst(province: Province, browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, bypass_csp=True)
    sign_in(context.new_page(), province, "phantich@demo.local")
    yield context
    context.close()


@pytest.fixture(scope="module")
def unit(province: Province) -> int:
    """A unit under which every kind of sign is put."""
    number = int(province.ask(UNIT)[0][0])
    weeks = "2026-W45:40 2026-W46:20"
    flags = [
        ScreeningFlag(
            unit_id=number, instrument="sipas-service-2023", length="short", reason=reason, p=1e-6, unit_p=0.012,
            observed=0.6 if reason in {"channel_mix", "step", "entropy"} else 60.0,
            expected=0.2, rows=60, weeks=weeks,
        )
        for reason in SIGNALS
    ]  # fmt: skip
    told = {"statistic": "overall", "n": 97, "value": 0.94, "low": 0.84, "high": 0.98, "n_without": 35}
    less = {"value_without": 0.86, "low_without": 0.65, "high_without": 0.97, "verdict": "met", "verdict_without": "undecided"}
    shares = [ScreeningShare(unit_id=number, sector=sector, **told, **less) for sector in ("procedures", "land")]
    store = Store(f"sqlite:///{province.database}")
    with store.write() as session:
        made = Screening(
            wave=WAVE, period="2026-Q4", week="2026-W46", rules="forensics-1", root="0" * 64, units=60, answers=4000,
            expected_if_clean=0.48, expected_false=0.1, seconds=1.0,
        )  # fmt: skip
        add_screening(session, made, flags, shares)
    store.close()
    return number


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("which", ["list", "unit"])
def test_the_pages_of_unusual_signs_have_no_barrier(
    province: Province, analyst: BrowserContext, unit: int, which: str, language: str
) -> None:
    path = "/officials/forensics" if which == "list" else f"/officials/forensics/{unit}"
    page = analyst.pages[0]
    look(page, f"{province.address}{path}?period=2026-Q4&lang={language}", f"forensics-{which}-{language}")
    assert page.locator("text=forensics-1" if which == "list" else "section.decide").count() == 1
