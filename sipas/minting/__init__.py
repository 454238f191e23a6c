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
from sipas.minting.forgetting import forget_ended
from sipas.minting.invitations import Invitation, NothingAskedError, RepeatedDossierError, invite, is_official, open_wave
from sipas.minting.reconciling import Standing, reconcile
from sipas.minting.sampling import Drawn, Finished, Sample, draw_sample
from sipas.minting.typed import count_in_force, find_typed

__all__ = [
    "DEFERRALS_A_DAY",
    "DEFERRAL_DAYS",
    "LEAST_SLIPS",
    "BadBatchError",
    "BatchPlan",
    "Drawn",
    "Finished",
    "Invitation",
    "Minted",
    "NothingAskedError",
    "RepeatedDossierError",
    "Sample",
    "Standing",
    "count_in_force",
    "draw_sample",
    "find_or_add",
    "find_typed",
    "forget_ended",
    "invite",
    "is_official",
    "mint",
    "mint_deferrals",
    "mint_one",
    "open_batch",
    "open_wave",
    "reconcile",
]
