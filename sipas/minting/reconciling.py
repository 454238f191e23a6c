"""How many codes were given held against how many dossiers there are: the daily look of the province's office."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from sqlalchemy.orm import Session

from sipas.minting.batches import POOLED
from sipas.store import tokens
from sipas.store.tokens import TokenBatch, hold_minting

DOSSIER_KINDS = ("invitation", "sample", "card")  # what stands for a dossier; slips and deferrals do not

Cell = tuple[int, str]  # unit and sector


@dataclass(frozen=True, slots=True)
class Standing:
    """One unit and sector: its dossiers, and the codes that were given for them."""

    unit_id: int
    sector: str
    dossiers: int | None  # None: the file says nothing of it
    minted: Mapping[str, int]  # kind → codes within their quota
    over: int  # codes that count as open because they were beyond a quota when they were given

    @property
    def total(self) -> int:
        """Codes of every kind, those beyond their quota among them."""
        return sum(self.minted.values()) + self.over

    @property
    def is_strange(self) -> bool:
        """Whether somebody should look: codes beyond a quota, more codes than dossiers, or codes without a count."""
        return self.over > 0 or (self.total > 0 if self.dossiers is None else self.total > self.dossiers)


def reconcile(session: Session, wave: str, dossiers: Mapping[Cell, int]) -> list[Standing]:
    """Let the invitations of a wave have as many codes as there are dossiers, and tell how the numbers stand.

    ``dossiers`` counts from the wave's first day; the same counts again change nothing. What was given beyond an old quota stays so.
    """
    hold_minting(session, [unit_id for unit_id, _ in dossiers])
    batches = [batch for batch in tokens.list_batches(session, wave) if batch.kind in DOSSIER_KINDS]
    for batch in batches:
        if batch.kind in POOLED and (batch.unit_id, batch.sector) in dossiers:
            batch.quota = dossiers[batch.unit_id, batch.sector]
    return standings(batches, dossiers)


def standings(batches: list[TokenBatch], dossiers: Mapping[Cell, int]) -> list[Standing]:
    """Every unit and sector that has dossiers or codes, by unit."""
    minted: dict[Cell, Counter[str]] = defaultdict(Counter)
    over: Counter[Cell] = Counter()
    for batch in batches:
        cell = (batch.unit_id, batch.sector)
        if batch.overflow_of:
            over[cell] += batch.minted
        else:
            minted[cell][batch.kind] += batch.minted
    return [
        Standing(*cell, dossiers.get(cell), MappingProxyType(dict(minted[cell])), over[cell])
        for cell in sorted({*dossiers, *minted, *over})
    ]
