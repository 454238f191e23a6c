"""A province with two communes, and a client that may speak for one of them."""

from __future__ import annotations

from collections.abc import Callable

from werkzeug.test import TestResponse

from sipas.evidence.clients import secret_hash
from sipas.evidence.keys import Keyring
from sipas.store.clients import ApiClient, add_client
from sipas.store.engine import Store
from sipas.store.units import Counter, Unit, add_unit

NAME = "mot-cua"
DOSSIER = "000.00.18.H17-261105-0007"
ASKED = {"dossier": DOSSIER, "unit": "20335", "sector": "land"}
Ask = Callable[..., TestResponse]


def furnish(store: Store, keyring: Keyring, secret: str) -> None:
    with store.write() as session:
        top = add_unit(session, Unit(code="48", tier="province", kind="Thành phố", name="Đà Nẵng", full_name="Thành phố Đà Nẵng"))
        own = {"tier": "commune", "kind": "Phường", "parent_id": top.id}
        commune = add_unit(session, Unit(code="20335", name="Tam Kỳ", full_name="Phường Tam Kỳ", **own))
        add_unit(session, Unit(code="20194", name="Hải Châu", full_name="Phường Hải Châu", **own))
        session.add(Counter(unit_id=commune.id, name="Quầy 3", sectors="land"))
        for name, revoked in ((NAME, False), ("cu", True)):
            add_client(session, ApiClient(name=name, secret_h=secret_hash(keyring, name, secret), unit_id=commune.id, revoked=revoked))
