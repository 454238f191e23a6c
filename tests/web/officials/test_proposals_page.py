"""Setting answers aside takes two people of two units, none of them of the unit in question; who tries without being one is written down."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest

from sipas.reports.facts import compute
from sipas.reports.forensics import screen_and_store
from sipas.store.audit import list_audits
from sipas.store.engine import Store
from sipas.store.proposals import list_proposals, read_standing
from sipas.terms import Role, now
from sipas.web.officials.accounts import add_official
from tests.reports import sealed_rows as make
from tests.reports.stuffed_rows import ROUNDS, bytes_of, honest, stuff
from tests.web.officials.browser import Browser
from tests.web.officials.conftest import Room, furnish
from tests.web.proof_read import proof_read

PAGE, LIST = "/officials/forensics", "/officials/forensics/proposals"
WHY = "Đã đối chiếu sổ hồ sơ, số phiếu nhiều hơn số lượt."
SIGN = "sipas-service-2023 short fast"


@dataclass(frozen=True)
class Case:
    """A room whose newest screening flags one unit, with analysts of three units."""

    room: Room
    unit: int

    def by(self, account: str) -> Browser:
        return self.room.inside(account)

    def audits(self, action: str) -> list[dict[str, object]]:
        with self.room.house.store.read() as session:
            return [{"official": one.official, **json.loads(one.details)} for one in list_audits(session, action=action)]

    def set_aside(self) -> int:
        with self.room.house.store.read() as session:
            return sum(act == "set_aside" for act in read_standing(session).acts.values())

    def newest(self) -> int:
        with self.room.house.store.read() as session:
            return list_proposals(session)[0][0].id


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory, blank_sqlite: Path) -> tuple[Path, dict[str, int]]:
    path = tmp_path_factory.mktemp("proposals") / "flagged.sqlite"
    shutil.copy(blank_sqlite, path)
    store = Store(f"sqlite:///{path}")
    province = honest(store)
    unit, other = province.strata[25][0], province.strata[0][0]
    stuff(store, province, unit=unit)
    compute(store, make.shelf(), make.WAVE)
    screen_and_store(store, make.shelf(), make.WAVE, permutations=ROUNDS)
    store.close()
    return path, {"48": province.root, "A": unit, "B": other}


@pytest.fixture
def case(prepared: tuple[Path, dict[str, int]], tmp_path: Path) -> Iterator[Case]:
    path, units = prepared
    shutil.copy(path, tmp_path / "own.sqlite")
    store = Store(f"sqlite:///{tmp_path / 'own.sqlite'}")
    room = furnish(store, tmp_path, units=units)
    for number, (account, unit) in enumerate((("analyst@a", "A"), ("analyst@b", "B"), ("deputy@48", "48"))):
        room.printed[account] = add_official(
            store, account=account, name=account, role=Role.ANALYST, unit_id=units[unit], keyring=room.house.keyring,
            rng=Random(70 + number), now=now(),
        )  # fmt: skip
    yield Case(room, units["A"])
    store.close()


def send(browser: Browser, path: str, **fields: str):
    """A form with the token of a page that everybody has."""
    return browser.post(path, form="/officials/password", **fields)


def propose(case: Case, account: str = "analyst@48", **fields: str):
    seen = re.search(r'name="screening" value="(\d+)"', case.by("analyst@48").get(f"{PAGE}/{case.unit}").text)
    return send(case.by(account), f"{PAGE}/{case.unit}/propose", **({"screening": seen[1], "sign": SIGN, "why": WHY} | fields))


def test_one_proposes_another_of_another_unit_approves_and_only_then_it_stands(case: Case) -> None:
    before = bytes_of(case.room.house.store, "response", "open_response", "batch", "fact", "released")
    answer = propose(case)
    assert (answer.status_code, answer.location) == (303, f"{LIST}/1")
    assert case.set_aside() == 0
    for account in ("analyst@48", "deputy@48"):
        page = case.by(account).get(f"{LIST}/1").text
        assert "thuộc đơn vị khác với người đề nghị" in page
        assert send(case.by(account), f"{LIST}/1", outcome="approved", why=WHY).status_code == 403
    assert case.set_aside() == 0
    page = case.by("analyst@b").get(f"{LIST}/1").text
    assert "60 phiếu" in page
    assert send(case.by("analyst@b"), f"{LIST}/1", outcome="approved", why=WHY).status_code == 303
    assert case.set_aside() == 60
    assert bytes_of(case.room.house.store, "response", "open_response", "batch", "fact", "released") == before
    (proposed,), (answered,) = case.audits("proposed"), case.audits("answered_proposal")
    assert (proposed["official"], proposed["rows"], proposed["reason"]) == ("analyst@48", 60, WHY)
    assert (answered["official"], answered["outcome"], answered["proposal"]) == ("analyst@b", "approved", 1)
    assert send(case.by("analyst@b"), f"{LIST}/1", outcome="declined", why=WHY).status_code == 409


def test_what_is_set_aside_comes_back_by_two_people_too(case: Case) -> None:
    propose(case)
    send(case.by("analyst@b"), f"{LIST}/1", outcome="approved", why=WHY)
    assert send(case.by("analyst@b"), f"{LIST}/1/back", why=WHY).status_code == 403, "the unit is not below this person"
    assert send(case.by("deputy@48"), f"{LIST}/1/back", why="vì").status_code == 422
    assert send(case.by("deputy@48"), f"{LIST}/1/back", why=WHY).location == f"{LIST}/2"
    assert send(case.by("deputy@48"), f"{LIST}/1/back", why=WHY).status_code == 409, "it waits already"
    assert case.set_aside() == 60
    send(case.by("analyst@b"), f"{LIST}/2", outcome="approved", why=WHY)
    assert case.set_aside() == 0
    assert send(case.by("deputy@48"), f"{LIST}/1/back", why=WHY).status_code == 409, "nothing is set aside any more"


def test_a_declined_proposal_changes_nothing_and_can_be_made_again(case: Case) -> None:
    propose(case)
    assert propose(case).status_code == 409
    send(case.by("analyst@b"), f"{LIST}/1", outcome="declined", why=WHY)
    assert case.set_aside() == 0
    assert propose(case).location == f"{LIST}/2"


@pytest.mark.parametrize("account", ["official@a", "head@a", "analyst@a"])
def test_an_official_of_the_unit_is_refused_at_every_endpoint_and_each_attempt_is_written_down(case: Case, account: str) -> None:
    propose(case)
    browser, unit = case.by(account), case.unit
    case.by("analyst@48")
    tries = [
        ("officials.forensics_unit", lambda: browser.get(f"{PAGE}/{unit}")),
        ("officials.decide", lambda: send(browser, f"{PAGE}/{unit}", decision="keep", reason=WHY, screening="1")),
        ("officials.propose", lambda: send(browser, f"{PAGE}/{unit}/propose", screening="1", sign=SIGN, why=WHY)),
        ("officials.proposal", lambda: browser.get(f"{LIST}/1")),
        ("officials.answer", lambda: send(browser, f"{LIST}/1", outcome="approved", why=WHY)),
        ("officials.back", lambda: send(browser, f"{LIST}/1/back", why=WHY)),
    ]
    for page, attempt in tries:
        before = len(case.audits("refused_attempt"))
        assert attempt().status_code in {403, 404}, page
        written = case.audits("refused_attempt")
        assert len(written) == before + 1, page
        assert (written[-1]["official"], written[-1]["page"]) == (account, page)
    assert case.set_aside() == 0
    assert len(case.audits("proposed")) == 1
    assert "Đề nghị số" not in browser.get(LIST).text


def test_every_route_that_changes_what_is_set_aside_writes_refusals_down(case: Case) -> None:
    app = case.room.app
    routes = {rule.endpoint for rule in app.url_map.iter_rules() if rule.rule.startswith(PAGE) and "POST" in rule.methods}
    assert routes == {"officials.decide", "officials.propose", "officials.answer", "officials.back"}


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"sign": ""}, 422),
        ({"sign": "sipas-service-2023 short step"}, 422),
        ({"sign": "a b"}, 422),
        ({"why": "vì"}, 422),
        ({"why": "x" * 2001}, 422),
        ({"screening": "99"}, 409),
    ],
)
def test_a_proposal_without_its_parts_is_asked_for_again(case: Case, fields: dict[str, str], status: int) -> None:
    answer = propose(case, **fields)
    assert answer.status_code == status
    proof_read(answer.text)
    assert case.audits("proposed") == []


@pytest.mark.parametrize("fields", [{"outcome": ""}, {"outcome": "perhaps"}, {"why": "vì"}])
def test_an_answer_without_its_parts_is_asked_for_again(case: Case, fields: dict[str, str]) -> None:
    propose(case)
    answer = send(case.by("analyst@b"), f"{LIST}/1", **({"outcome": "approved", "why": WHY} | fields))
    assert answer.status_code == 422
    proof_read(answer.text)
    assert case.set_aside() == 0


@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_pages_are_proof_read_in_both_languages(case: Case, language: str) -> None:
    proof_read(case.by("analyst@48").get(f"{LIST}?lang={language}").text)
    propose(case)
    for account in ("analyst@48", "analyst@b"):
        for address in (LIST, f"{LIST}/1"):
            answer = case.by(account).get(f"{address}?lang={language}")
            assert answer.status_code == 200
            proof_read(answer.text)
    assert case.by("analyst@48").get(f"{LIST}/7").status_code == 404


def test_after_something_was_set_aside_the_old_screening_names_no_answer(case: Case) -> None:
    propose(case)
    send(case.by("analyst@b"), f"{LIST}/1", outcome="approved", why=WHY)
    answer = propose(case)
    assert answer.status_code == 409
    assert "chờ lần rà soát tiếp theo" in answer.text
