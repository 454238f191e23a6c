"""The pages of unusual signs in a browser: nothing found, and one unit with every kind of sign."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from journey_steps import Province, sign_in
from playwright.sync_api import Browser, BrowserContext
from test_every_page import look

from sipas.evidence.keys import Keyring
from sipas.sealing.proposals import bind_outcome, bind_proposal
from sipas.stats.forensics import UNIT_RULES
from sipas.stats.forensics.signals import SIGNALS
from sipas.store.engine import Store
from sipas.store.forensics import Screening, ScreeningFlag, ScreeningShare, add_screening, list_screenings
from sipas.store.proposals import Proposal, ProposalOutcome

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
    ] + [
        ScreeningFlag(
            unit_id=number, instrument="*", length="*", reason=reason, p=1e-6, unit_p=0.012, observed=60.0, expected=0.2,
            rows=60 if reason in {"channel_gap", "contested"} else 0, weeks=weeks,
        )
        for reason in UNIT_RULES
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


@pytest.fixture(scope="module")
def proposals(province: Province, unit: int) -> dict[str, int]:
    """One that waits for an answer from another unit, and one that was approved."""
    store, at = Store(f"sqlite:///{province.database}"), datetime(2026, 11, 17, 8, tzinfo=UTC)
    keyring = Keyring.open(Path(province.environment["SIPAS_KEYS"]))  # other journeys seal, and the seal looks at every proposal
    elsewhere = int(province.ask("SELECT max(id) FROM unit")[0][0])
    said = {"unit_id": unit, "proposer": "thanhtra@demo.local", "proposer_unit_id": elsewhere}
    made = {}
    with store.write() as session:
        screening = max(one.id for one in list_screenings(session, WAVE))
        for state, sign in (("waiting", "burst"), ("answered", "fast")):
            proposal = Proposal(
                screening_id=screening, act="set_aside", instrument="sipas-service-2023", length="short", sign=sign, rules="forensics-2",
                rows=60, reason="Đã đối chiếu sổ hồ sơ của đơn vị.", at=at, **said,
            )  # fmt: skip
            made[state] = bind_proposal(session, keyring, proposal, [("2026-W45", bytes([len(made)]) * 16)]).id
        answer = {"outcome": "approved", "reason": "Đồng ý sau khi xem số liệu.", "second": "a@b", "second_unit_id": elsewhere + 1}
        bind_outcome(session, keyring, ProposalOutcome(proposal_id=made["answered"], at=at, **said, **answer))
    store.close()
    return made


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("which", ["list", "unit"])
def test_the_pages_of_unusual_signs_have_no_barrier(
    province: Province, analyst: BrowserContext, unit: int, which: str, language: str
) -> None:
    path = "/officials/forensics" if which == "list" else f"/officials/forensics/{unit}"
    page = analyst.pages[0]
    look(page, f"{province.address}{path}?period=2026-Q4&lang={language}", f"forensics-{which}-{language}")
    assert page.locator("text=forensics-1" if which == "list" else "section.decide").count() == 1


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("which", ["list", "waiting", "answered"])
def test_the_pages_of_proposals_have_no_barrier(
    province: Province, analyst: BrowserContext, proposals: dict[str, int], which: str, language: str
) -> None:
    address = f"{province.address}/officials/forensics/proposals"
    page = analyst.new_page()
    look(page, f"{address}{'' if which == 'list' else f'/{proposals[which]}'}?lang={language}", f"proposals-{which}-{language}")
    assert page.locator("section.decide" if which != "list" else "ul.sentences li").count() >= 1
    assert page.locator("select#outcome").count() == (which == "waiting")
    assert page.locator("textarea#why-back").count() == (which == "answered")
    assert re.search("60 phiếu|60 answers", page.locator("main").inner_text())
    page.close()
