"""A printed code outlives what it stood for: it is re-pointed to another counter or revoked, and nothing is printed again."""

from __future__ import annotations

import pytest
from counters import LAND
from flask.testing import FlaskClient
from sqlalchemy import select

from sipas.imports.counters import BadCounterError, repoint_code, revoke_code
from sipas.store.engine import Store
from sipas.store.units import Counter, Unit, UnknownCounterError, add_unit


def another_counter(store: Store) -> int:
    """A counter of another unit, for another sector."""
    with store.write() as session:
        unit = add_unit(session, Unit(code="1", tier="one_stop", kind="Phường", name="Hội An", full_name="Trung tâm Hội An"))
        counter = Counter(unit_id=unit.id, name="Quầy mới", sectors="construction")
        session.add(counter)
        session.flush()
        return counter.id


def test_a_repointed_code_opens_its_new_counter(client: FlaskClient, store: Store) -> None:
    before = client.get(f"/k/{LAND}").text
    assert "Quầy 3" in before
    new = another_counter(store)
    with store.write() as session:
        repoint_code(session, LAND.lower(), new)
    after = client.get(f"/k/{LAND}").text
    assert "Quầy mới" in after
    assert "Trung tâm Hội An" in after
    assert "Quầy 3" not in after


@pytest.mark.parametrize(("language", "said", "advice"), [("vi", "không còn dùng nữa", "quét mã trên bảng mới"), ("en", "", "new sign")])
def test_a_revoked_code_says_so_and_how_to_go_on(client: FlaskClient, store: Store, language: str, said: str, advice: str) -> None:
    with store.write() as session:
        revoke_code(session, LAND)
    answer = client.get(f"/K/{LAND}?lang={language}")
    assert answer.status_code == 410
    assert said in answer.text
    assert advice in answer.text
    assert "<form" not in answer.text


def test_a_revoked_code_stays_revoked_and_a_code_moves_only_to_a_counter_that_exists(store: Store, client: FlaskClient) -> None:
    assert client.get(f"/k/{LAND}").status_code == 200
    with store.write() as session:
        with pytest.raises(UnknownCounterError, match="see: sipas counters list"):
            repoint_code(session, LAND, 9999)
        revoke_code(session, LAND)
        with pytest.raises(BadCounterError, match="print a new one: sipas counters code"):
            repoint_code(session, LAND, session.scalars(select(Counter.id)).first() or 0)
    assert client.get(f"/k/{LAND}").status_code == 410
