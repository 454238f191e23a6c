"""All tables together, for migrations: importing this module registers every noun."""

from __future__ import annotations

from sipas.store import audit, batches, comments, facts, forensics, frame, inbox, kiosks, officials, responses, units
from sipas.store.base import Base

NOUNS = (audit, batches, comments, facts, forensics, frame, inbox, kiosks, officials, responses, units)
METADATA = Base.metadata
