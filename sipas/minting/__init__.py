"""One-time codes: who gets them, in what number, and how the numbers are held against those of the dossiers."""

from __future__ import annotations

from sipas.minting.batches import (
    DEFERRAL_DAYS,
    DEFERRALS_A_DAY,
    LEAST_SLIPS,
    BadBatchError,
    BatchPlan,
    Minted,
    find_or_add,
    mint,
    mint_deferrals,
    mint_one,
    open_batch,
)
from sipas.minting.invitations import Invitation, NothingAskedError, RepeatedDossierError, invite, is_official, open_wave

__all__ = [
    "DEFERRALS_A_DAY",
    "DEFERRAL_DAYS",
    "LEAST_SLIPS",
    "BadBatchError",
    "BatchPlan",
    "Invitation",
    "Minted",
    "NothingAskedError",
    "RepeatedDossierError",
    "find_or_add",
    "invite",
    "is_official",
    "mint",
    "mint_deferrals",
    "mint_one",
    "open_batch",
    "open_wave",
]
