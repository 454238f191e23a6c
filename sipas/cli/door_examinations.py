"""The doctor's look at the doors: tablets and displays at counters, recorded questions, batches of one-time codes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from sqlalchemy.orm import Session

from sipas.cli.examinations import Finding, Patient, State
from sipas.instrument.complaint import Complaint
from sipas.instrument.flow import QUESTIONS
from sipas.instrument.model import Wave
from sipas.instrument.recordings import EVERY_FORM, check_sound, languages_in, read_list
from sipas.instrument.shelf import Shelf, read_shelf
from sipas.reports.devices import KioskCard, ScreenCard, read_kiosks, read_screens
from sipas.store import tokens
from sipas.store.engine import Store
from sipas.store.tokens import TokenBatch
from sipas.store.units import get_unit
from sipas.terms import SipasError
from sipas.web.house import sound_folder, surveys_folder
from sipas.web.tongues import BadLanguageError, offered, tongues

MOST = 5  # of a kind that are named one by one
UNHEARD_DAYS = 90  # a clock that drifts three seconds a day is five minutes off after a hundred days
NEARLY = 0.9  # of a quota
LATELY = timedelta(days=30)  # after which nobody is reminded of cards that ran out
HANDED_OUT = frozenset({"card", "slip"})


def kiosks(patient: Patient, store: Store) -> Iterator[Finding]:
    """Tablets that are heard of, with nothing missing from them."""
    with store.read() as session:
        cards = read_kiosks(session, "/", patient.now.date())
    yield from _first(finding for card in cards for finding in _of_kiosk(card))


def _of_kiosk(card: KioskCard) -> Iterator[Finding]:
    code, place = card.kiosk.code, f"the kiosk {card.kiosk.code} ({card.unit.full_name}, {card.counter.name})"
    if card.old:
        missing = f"{place} lacks {sum(gap.size for gap in card.old):,} answers for over 72 hours: {', '.join(map(str, card.old))}"
        yield Finding(State.WARNING, missing, "Compare the paper tally of those days; docs/kiosk.md says what can make a gap.")
    if card.ledger.breaks:
        copied = f"{place} sent {card.ledger.breaks:,} envelopes that do not follow from the one before"
        yield Finding(State.WARNING, copied, f"Its store was copied or set back: look at the tablet, then `sipas kiosks revoke {code}`.")
    if card.ledger.held:
        held = f"{place} holds {card.ledger.held:,} answers that the server refused"
        yield Finding(
            State.WARNING, held, "It tries again each day; if they stay, its version is older than the questionnaires: reload it."
        )
    if card.silent:
        silent = f"{place} was not heard of for {card.silent} days"
        yield Finding(State.WARNING, silent, f"Look at its power and network; if it is lost, `sipas kiosks revoke {code}`.")
    if card.is_unsure:
        yield Finding(State.WARNING, f"{place} has a browser that cannot promise to keep what waits", "Install a newer browser.")
    if card.state == "new":
        yield Finding(State.WARNING, f"{place} has no tablet yet", f"Pair one with `sipas kiosks code {code}`, or revoke it.")


def screens(patient: Patient, store: Store) -> Iterator[Finding]:
    """Displays that are paired and whose clocks are right."""
    with store.read() as session:
        cards = read_screens(session, "/", patient.now.date())
    yield from _first(finding for card in cards for finding in _of_screen(card, patient.now.date()))


def _of_screen(card: ScreenCard, today: date) -> Iterator[Finding]:
    name, place = card.screen.screen, f"the screen {card.screen.screen} ({card.unit.full_name}, {card.counter.name})"
    if card.state == "new":
        yield Finding(State.WARNING, f"{place} is not paired and shows nothing", f"Pair it with `sipas screens code {name}`, or revoke it.")
    if card.is_wrong:
        ahead = card.screen.ahead
        wrong = f"{place} has a clock that runs {abs(ahead):,} seconds {'ahead' if ahead > 0 else 'behind'}: its answers count as open"
        yield Finding(State.WARNING, wrong, "Set the display's clock, by itself from the network where it can.")
    heard = card.screen.heard
    if card.state == "paired" and heard is not None and (silent := (today - heard).days) > UNHEARD_DAYS:
        unheard = f"{place} has not told the time for {silent} days: nobody knows how far its clock is off"
        yield Finding(State.WARNING, unheard, "Give it a network for a minute, or compare its clock by hand.")


def sound(patient: Patient) -> Iterator[Finding]:
    """Recordings that are the files somebody listened to, and one for each question of a language that is offered for its listeners."""
    folder = sound_folder(patient.settings)
    try:
        shelf, languages = read_shelf(surveys_folder(patient.settings)), offered(patient.settings.languages)
    except BadLanguageError as error:
        yield Finding(State.FAULT, str(error), "Set SIPAS_LANGUAGES.")
        return
    except SipasError:
        return  # the questionnaires' own examination says it
    played = {f"{one.language}/{one.file}" for language in languages_in(folder) for one in read_list(folder, language)[0]}
    faults = check_sound(folder, shelf.instruments, tuple(tongues()))
    yield from _first(_of_recording(one, played=one.file in played) for one in faults)
    for language in languages:
        if not tongues()[language].complete:
            yield from _unspoken(patient, shelf, language)


def _of_recording(fault: Complaint, *, played: bool) -> Finding:
    """What is listed is played: a fault of it is heard by citizens."""
    cure = f"{fault.cure[:1].upper()}{fault.cure[1:]}."
    return Finding(State.FAULT if played else State.WARNING, f"{fault.file}: {fault.fault}", cure)


def _unspoken(patient: Patient, shelf: Shelf, language: str) -> Iterator[Finding]:
    """The short forms' questions that a language offers and nobody has read aloud."""
    folder, day = sound_folder(patient.settings), patient.now.date()
    asked = {code for wave in shelf.waves.values() if wave.is_open(day) for code in _instruments_of(shelf, wave)}
    found = read_list(folder, language)[0] if language in languages_in(folder) else ()
    spoken = {(one.form, one.item) for one in found}
    wanted = {(EVERY_FORM, question) for question in QUESTIONS}
    wanted |= {(code, item.code) for code in asked for item in shelf.instruments[code].form("short")}
    if missing := len(wanted - spoken):
        text = f"{language} is offered, and {missing:,} of {len(wanted):,} questions of its short forms have no recording"
        yield Finding(State.WARNING, text, "Many who speak it do not read it: `sipas sound list` names what is missing.")


def _instruments_of(shelf: Shelf, wave: Wave) -> Iterator[str]:
    for sector in wave.sectors:
        yield from (wave.instruments[sector],) if sector in wave.instruments else shelf.sectors[sector].instruments


def one_time_codes(patient: Patient, store: Store) -> Iterator[Finding]:
    """Batches whose codes still prove what they say."""
    today = patient.now.date()
    with store.read() as session:
        batches = [batch for batch in tokens.list_batches(session) if not batch.revoked]
        cells = {(batch.wave, batch.unit_id, batch.sector): batch for batch in batches if _invites(batch, today)}  # one quota each
        told = [finding for batch in batches for finding in _of_batch(session, batch, today)]
        told += [finding for batch in cells.values() for finding in _of_cell(session, batch)]
    yield from _first(iter(told))


def _invites(batch: TokenBatch, today: date) -> bool:
    return batch.kind == "invitation" and not batch.overflow_of and today <= batch.not_after


def _of_batch(session: Session, batch: TokenBatch, today: date) -> Iterator[Finding]:
    """Cards and slips that ran out, and codes beyond a quota."""
    place = f"the batch {batch.batch} ({_place(session, batch)})"
    if batch.kind in HANDED_OUT and not batch.overflow_of and today - LATELY <= batch.not_after < today:
        ran_out = f"{place}: its {batch.minted:,} {batch.kind}s ran out on {batch.not_after:%d/%m/%Y} and count as open"
        yield Finding(State.WARNING, ran_out, "Take what is left from the counter, and mint new ones for the wave that is open.")
    if batch.kind == "invitation" and batch.overflow_of and today <= batch.not_after:
        beyond = f"{place}: {batch.minted:,} invitations went beyond their quota and count as open"
        yield Finding(State.WARNING, beyond, "Run `sipas tokens reconcile` each morning, before the day's work.")


def _of_cell(session: Session, batch: TokenBatch) -> Iterator[Finding]:
    """The quota that a unit's invitations in a sector share."""
    if (used := tokens.count_cell(session, batch)) >= NEARLY * batch.quota:
        nearly = f"{_place(session, batch)}: {used:,} of a quota of {batch.quota:,} invitations are used; those beyond count as open"
        yield Finding(State.WARNING, nearly, "Tell how many dossiers there are with `sipas tokens reconcile`.")


def _place(session: Session, batch: TokenBatch) -> str:
    return get_unit(session, batch.unit_id).full_name + (f", {batch.sector}" if batch.sector else "")


def _first(findings: Iterator[Finding]) -> Iterator[Finding]:
    """The first of many findings, and how many more there are."""
    told = list(findings)
    yield from told[:MOST]
    if len(told) > MOST:
        yield Finding(State.WARNING, f"{len(told) - MOST:,} more of this kind", "Mend these, and ask the doctor again.")
