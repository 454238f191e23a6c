"""Every route × every role × inside and outside: generated from the address map, so that a new route is in it by itself."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

import pytest
from sqlalchemy import select
from werkzeug.routing import Rule

from sipas.access import ALLOWED, Action
from sipas.imports.paper import Wanted, add_batch
from sipas.store.kiosks import add_kiosk, find_kiosk
from sipas.store.officials import OfficialAccount, OfficialSession
from sipas.store.paper import list_paper_batches
from sipas.store.screens import Screen, add_screen, find_screen
from sipas.store.units import get_unit, list_counters
from sipas.terms import Role, today
from sipas.web.guard import HOME, own_address
from tests.web.officials.browser import OWN
from tests.web.officials.conftest import ACCOUNTS, Room

FILLED = {"kind": "csv", "what": "codebook", "proposal_id": "1"}
ABSENT = {"officials.proposal"}  # there is no proposal yet, so nobody finds it; its own tests make one
DEVICES = {"officials.kiosk", "officials.screen"}
NOT_FOUND = 404
OPEN = {200, 303, 409}  # 409: allowed, and nothing to take yet


def rules(room: Room) -> Iterator[Rule]:
    yield from (rule for rule in room.app.url_map.iter_rules() if rule.endpoint.startswith("officials."))


def address(room: Room, rule: Rule, unit: str) -> str:
    values: dict[str, object] = {name: FILLED.get(name, "x") for name in rule.arguments} | {"unit_id": room.units[unit]}
    if "number" in rule.arguments:
        values |= {"number": paper_batch(room, unit)}
    if rule.endpoint == "officials.sign":
        values |= {"kind": "svg", "code": f"AAAAAAAA{room.units[unit]:02d}"}
    if rule.endpoint in DEVICES:
        values |= {"code": device(room, rule.endpoint, unit)}
    with room.app.test_request_context():
        return room.app.url_map.bind("localhost").build(rule.endpoint, {name: values[name] for name in rule.arguments})


def paper_batch(room: Room, unit: str) -> int:
    """A batch of paper for a unit, made once."""
    house = room.house
    with house.store.write() as session:
        for batch, owner in list_paper_batches(session):
            if owner.id == room.units[unit]:
                return batch.id
        owner = get_unit(session, room.units[unit])
        return add_batch(session, house.shelf, owner, None, Wanted("land"), day=today(), demonstration=True, rng=Random(owner.id)).id


def device(room: Room, endpoint: str, unit: str) -> str:
    """The kiosk or the screen of a unit's counter, made once."""
    number = room.units[unit]
    with room.house.store.write() as session:
        counter = list_counters(session, number)[0].id
        if endpoint == "officials.kiosk":
            code = f"KKKKKK{number:02d}"
            if find_kiosk(session, code) is None:
                add_kiosk(session, code=code, counter_id=counter, length="short", comments=False)
            return code
        code = f"SS{number:02d}"
        return (find_screen(session, code) or add_screen(session, Screen(screen=code, counter_id=counter))).screen


def test_every_route_of_the_room_declares_its_policy(room_on_sqlite: Room) -> None:
    declared = {rule.endpoint: getattr(room_on_sqlite.app.view_functions[rule.endpoint], "policy", None) for rule in rules(room_on_sqlite)}
    assert len(declared) >= 12
    assert [endpoint for endpoint, policy in declared.items() if policy is None] == []
    assert {endpoint for endpoint, policy in declared.items() if policy.action is None} == {
        "officials.sign_in",
        "officials.code",
        "officials.recovery",
    }


def test_every_address_under_officials_belongs_to_the_room(room_on_sqlite: Room) -> None:
    strangers = [
        r for r in room_on_sqlite.app.url_map.iter_rules() if r.rule.startswith("/officials") and not r.endpoint.startswith("officials.")
    ]
    assert strangers == []


def test_a_route_without_a_policy_is_not_found(room_on_sqlite: Room) -> None:
    app = room_on_sqlite.app
    blueprint = app.blueprints["officials"]
    app.view_functions["officials.front"] = lambda: "open to all"
    assert blueprint.name == "officials"
    assert room_on_sqlite.inside("head@48").get("/officials/").status_code == NOT_FOUND


def test_strangers_are_sent_to_the_sign_in_page(room_on_sqlite: Room) -> None:
    for rule in rules(room_on_sqlite):
        policy = room_on_sqlite.app.view_functions[rule.endpoint].policy
        if policy.action is not None and "GET" in rule.methods:
            answer = room_on_sqlite.browser().get(address(room_on_sqlite, rule, "A"))
            assert (answer.status_code, answer.location.split("?")[0]) == (303, "/officials/sign-in"), rule


@pytest.mark.parametrize(("account", "role", "home"), ACCOUNTS)
def test_the_matrix(room_on_sqlite: Room, account: str, role: Role, home: str) -> None:
    browser = room_on_sqlite.inside(account)
    for rule in rules(room_on_sqlite):
        policy = room_on_sqlite.app.view_functions[rule.endpoint].policy
        if policy.action is None or "GET" not in rule.methods:
            continue
        for unit in ("A", "B") if "unit_id" in rule.arguments else ("A",):
            inside = "unit_id" not in rule.arguments or home in {"48", unit}
            answer = browser.get(address(room_on_sqlite, rule, unit))
            open_to = inside and policy.action in ALLOWED[role] and rule.endpoint not in ABSENT
            assert (answer.status_code in OPEN) is open_to, (rule, unit, answer.status_code)
            assert open_to or answer.status_code == NOT_FOUND, (rule, unit, answer.status_code)


def test_out_of_scope_and_out_of_existence_look_the_same(room_on_sqlite: Room) -> None:
    browser = room_on_sqlite.inside("head@a")
    there, nowhere = (browser.get(f"/officials/units/{unit}") for unit in (room_on_sqlite.units["B"], 999999))
    assert (there.status_code, there.text) == (nowhere.status_code, nowhere.text)


@pytest.mark.parametrize(
    "post", ["/officials/sign-in", "/officials/code", "/officials/password", "/officials/confirm", "/officials/sign-out"]
)
@pytest.mark.parametrize("token", ["", "forged"])
def test_a_form_without_its_token_is_refused_and_changes_nothing(room: Room, post: str, token: str) -> None:
    browser = room.inside("head@a")
    fields = {"csrf_token": token, "account": "head@a", "password": OWN, "old": OWN, "new": OWN + "2", "again": OWN + "2"}
    assert browser.client.post(post, data=fields).status_code == 400
    assert room.browser().sign_in("head@a", OWN).status_code == 303


def test_a_form_sent_from_another_site_is_refused(room_on_sqlite: Room) -> None:
    from tests.web.officials.browser import token_of

    browser = room_on_sqlite.browser()
    token = token_of(browser.get("/officials/sign-in").text)
    for site, status in (("cross-site", 400), ("same-site", 400), ("same-origin", 401)):
        answer = browser.client.post(
            "/officials/sign-in", data={"csrf_token": token, "account": "x", "password": "y"}, headers={"Sec-Fetch-Site": site}
        )
        assert answer.status_code == status


ELSEWHERE = [
    f"{start}{host}{end}"
    for start in ("//", "///", "\\\\", "/\\", "https://", "http:", "https:/", "%2f%2f", "%5c%5c", "/%2f", "/%5c", "/officials//", "/officials/\\", "/officials/../..//", "javascript:alert(1)//", "\t//", "/officials/%2f%2f", "／／", "/officials/%09//", "/officials/%252f%252f")
    for host in ("evil.example", "evil.example:80", "evil%2eexample", "user@evil.example", "[::1]")
    for end in ("", "/officials/")
]  # fmt: skip


@pytest.mark.parametrize("wanted", ELSEWHERE)
def test_no_payload_leads_to_another_server(wanted: str) -> None:
    assert own_address(wanted) == HOME or own_address(wanted).startswith("/officials/")
    assert "//" not in own_address(wanted)
    assert "\\" not in own_address(wanted)


def test_the_sign_in_page_goes_only_to_its_own_addresses(room_on_sqlite: Room) -> None:
    room_on_sqlite.inside("head@a")
    for wanted in ("//evil.example", "https://evil.example/officials/", "/officials/units?period=2026"):
        answer = room_on_sqlite.browser().sign_in("head@a", OWN, next=wanted)
        assert answer.location == (wanted if wanted.startswith("/officials/u") else HOME)


def test_extra_fields_change_nothing(room_on_sqlite: Room) -> None:
    browser, printed = room_on_sqlite.browser(), room_on_sqlite.printed["official@a"]
    browser.sign_in(printed.account, printed.password, role="analyst", unit_id="1", must_change="0")
    browser.post("/officials/password", old=printed.password, new=OWN, again=OWN, role="head", branch="/")
    assert Action.DATA not in ALLOWED[Role.OFFICIAL]
    assert browser.get("/officials/downloads/data/codebook/csv").status_code == NOT_FOUND
    assert browser.get(f"/officials/units/{room_on_sqlite.units['B']}").status_code == NOT_FOUND


@pytest.mark.parametrize("account", ["head@a", "analyst@48"])
def test_who_came_back_after_the_idle_time_signs_in_again(room_on_sqlite: Room, account: str) -> None:
    before = room_on_sqlite.inside(account).cookies()
    with room_on_sqlite.house.store.write() as session:
        for row in session.scalars(select(OfficialSession)):
            row.seen -= row.idle + 60
        for official in session.scalars(select(OfficialAccount)):
            official.totp_counter = 0  # as if the last code had been another minute's
    after = room_on_sqlite.inside(account)
    assert after.get("/officials/").status_code == 200
    assert after.cookies() != before
