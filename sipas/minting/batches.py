"""Who gets a one-time code: batches are opened with a quota, codes are counted and never kept.

A code beyond its batch's quota comes from a second batch: it works, and its answer counts as open (``over_quota``).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from sipas.evidence import tokens as codes
from sipas.evidence.codes import ALPHABET
from sipas.evidence.keys import Keyring
from sipas.instrument.shelf import Shelf
from sipas.store import tokens
from sipas.store.tokens import TokenBatch
from sipas.store.units import get_counter, get_unit
from sipas.terms import ZONE, Channel, SipasError

LONGEST = timedelta(days=366)  # what was spent is known for 400 days
LEAST_SLIPS = 30  # a class or a ward below this would say too much of whom it counts
DEFERRAL_DAYS = 7
DEFERRALS_A_DAY = 100  # of one counter; answers behind them stand under the counter's daily cap besides
POOLED = frozenset({"invitation"})  # kinds whose batches of a unit and sector share one quota


class BadBatchError(SipasError):
    """A batch of one-time codes that cannot be opened, or codes that it cannot give."""


@dataclass(frozen=True, slots=True)
class BatchPlan:
    """For whom, for what and until when a batch is to speak."""

    kind: str
    wave: str
    unit_id: int
    not_before: date
    not_after: date
    quota: int
    channel: Channel = Channel.VERIFIED
    counter_id: int | None = None
    sector: str = ""  # empty: asked
    instrument: str = ""
    length: str = "short"
    label: str = ""
    probability: float | None = None
    ten_digits: bool = False


@dataclass(frozen=True, slots=True)
class Minted:
    """One fresh code. It is in this object and nowhere else."""

    code: str  # 28 characters
    first: date
    last: date
    over_quota: bool
    digits: str = ""  # ten, of a card that can be typed


def open_batch(session: Session, shelf: Shelf, plan: BatchPlan) -> TokenBatch:
    """Open a batch; BadBatchError names what is wrong with its plan, UnknownUnitError a unit that is not there."""
    if plan.wave not in shelf.waves:
        raise BadBatchError(f"wave: there is no wave {plan.wave!r}; choose from {', '.join(shelf.waves)}")
    wave = shelf.waves[plan.wave]
    if plan.sector and plan.sector not in wave.sectors:
        raise BadBatchError(f"sector: the wave {wave.code} does not ask about {plan.sector!r}; choose from {', '.join(wave.sectors)}")
    if plan.instrument and plan.instrument not in shelf.instruments:
        raise BadBatchError(f"instrument: there is none called {plan.instrument!r}; choose from {', '.join(shelf.instruments)}")
    if plan.not_before < wave.first_day or plan.not_after > wave.last_day:
        raise BadBatchError(
            f"validity: {plan.not_before:%d/%m/%Y} to {plan.not_after:%d/%m/%Y} leaves the wave {wave.code}, "
            f"which runs from {wave.first_day:%d/%m/%Y} to {wave.last_day:%d/%m/%Y}"
        )
    return _add(session, plan)


def mint(session: Session, keyring: Keyring, batch: TokenBatch, count: int) -> list[Minted]:
    """So many fresh codes, counted together with all that were minted before; those beyond the quota come from the overflow.

    Cards that can be typed come in a keyed order: neither their place here nor the order of their use tells their number.
    """
    if count < 1:
        raise BadBatchError(f"count: {count} codes cannot be minted; ask for 1 or more")
    tokens.hold_minting(session, [batch.unit_id])
    session.refresh(batch)
    used = tokens.count_cell(session, batch) if batch.kind in POOLED else batch.minted
    within = min(count, max(0, batch.quota - used))
    made = _draw(session, keyring, batch, within) if within else []
    return made + (_draw(session, keyring, _overflow(session, batch), count - within) if count > within else [])


def mint_one(session: Session, keyring: Keyring, batch: TokenBatch) -> Minted:
    """One fresh code of a batch, or of its overflow once the quota is used."""
    return mint(session, keyring, batch, 1)[0]


def mint_deferrals(session: Session, keyring: Keyring, *, counter_id: int, wave: str, count: int, now: datetime) -> list[Minted]:
    """Codes with which people of one counter answer at home: channel S, once, until the seventh day from today.

    ``wave`` is one that is open at the counter. Each counter has one batch a day.
    """
    if not 1 <= count <= DEFERRALS_A_DAY:
        raise BadBatchError(f"count: a counter gets 1 to {DEFERRALS_A_DAY} codes a day to answer later, not {count}")
    day, counter = now.astimezone(ZONE).date(), get_counter(session, counter_id)
    plan = BatchPlan(
        kind="deferral",
        wave=wave,
        unit_id=counter.unit_id,
        counter_id=counter.id,
        channel=Channel.ON_SITE,
        instrument=counter.instrument,
        not_before=day,
        not_after=day + timedelta(days=DEFERRAL_DAYS),
        quota=DEFERRALS_A_DAY,
    )
    return mint(session, keyring, find_or_add(session, plan), count)


def find_or_add(session: Session, plan: BatchPlan) -> TokenBatch:
    """The batch that is open already for the same people and the same first day, or a new one."""
    tokens.hold_minting(session, [plan.unit_id])
    return tokens.find_like(session, _row(plan)) or _add(session, plan)


def kid_of(day: date) -> str:
    """The minting key of a quarter; it comes round again after eight years, long after its last batch has run out."""
    return ALPHABET[(4 * day.year + (day.month - 1) // 3) % len(ALPHABET)]


def _draw(session: Session, keyring: Keyring, batch: TokenBatch, count: int) -> list[Minted]:
    """Codes of exactly this batch, counted."""
    cards: list[int] | list[None] = [None] * count
    if batch.ten_digits:
        if batch.minted + count > codes.CARDS:
            raise BadBatchError(
                f"batch {batch.batch} has {codes.CARDS - batch.minted:,} cards left that ten digits can tell apart, not {count:,}: "
                "open another batch for the rest"
            )
        cards = codes.order_of_cards(keyring, batch.kid, batch.batch)[batch.minted : batch.minted + count]
    batch.minted = tokens.count_minted(session, batch.batch, count)
    made = []
    for card in cards:
        code = codes.mint(keyring, batch.kid, batch.batch, card=card)
        digits = "" if card is None else codes.card_digits(keyring, batch.kid, batch.batch, card)
        made.append(Minted(code, batch.not_before, batch.not_after, bool(batch.overflow_of), digits))
    return made


def _overflow(session: Session, batch: TokenBatch) -> TokenBatch:
    """The companion of a batch for what is beyond its quota, made at the first need."""
    if (found := tokens.find_overflow(session, batch.batch)) is not None:
        return found
    columns = set(TokenBatch.__table__.columns.keys()) - {"batch", "minted", "overflow_of"}
    copy = {name: getattr(batch, name) for name in columns}
    return tokens.add_batch(session, TokenBatch(**copy, batch=_free_name(session), minted=0, overflow_of=batch.batch))


def _add(session: Session, plan: BatchPlan) -> TokenBatch:
    get_unit(session, plan.unit_id)
    if plan.kind not in tokens.KINDS:
        raise BadBatchError(f"kind: {plan.kind!r} is none; choose from {', '.join(tokens.KINDS)}")
    if not plan.not_before <= plan.not_after <= plan.not_before + LONGEST:
        raise BadBatchError(
            f"validity: {plan.not_before:%d/%m/%Y} to {plan.not_after:%d/%m/%Y} is not one to {LONGEST.days} days: choose a later first "
            "or an earlier last day"
        )
    least = LEAST_SLIPS if plan.kind == "slip" else 1
    if plan.quota < least:
        because = ": fewer than 30 pupils or patients are not asked apart, join classes or wards" if least > 1 else ""
        raise BadBatchError(f"quota: {plan.quota} is less than {least}{because}")
    if plan.probability is not None and not 0 < plan.probability <= 1:
        raise BadBatchError(f"probability: {plan.probability} is not above 0 and at most 1")
    batch = _row(plan)
    batch.batch = _free_name(session)
    return tokens.add_batch(session, batch)


def _row(plan: BatchPlan) -> TokenBatch:
    given = asdict(plan) | {"channel": plan.channel.value}
    return TokenBatch(**given, kid=kid_of(plan.not_before), year=plan.not_before.year, minted=0, overflow_of="", revoked=False)


def _free_name(session: Session) -> str:
    while tokens.find_batch(session, name := codes.new_batch_code()) is not None:
        pass
    return name
