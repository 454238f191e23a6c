"""All tables together, for migrations: importing this module registers every noun."""

from __future__ import annotations

from sipas.store import (
    audit,
    batches,
    canaries,
    clients,
    comments,
    facts,
    forensics,
    frame,
    inbox,
    kiosks,
    officials,
    paper,
    proposals,
    responses,
    screens,
    tokens,
    units,
)
from sipas.store.base import Base

NOUNS = (
    audit, batches, canaries, clients, comments, facts, forensics, frame, inbox, kiosks, officials, paper, proposals, responses, screens, tokens, units,
)  # fmt: skip
METADATA = Base.metadata
