"""The clockwork: the seal when it is due, then the estimates, then the screening of a week just closed. Truth lies in the clockwork rows; the thread only ticks."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime

import structlog

from sipas import minting, sealing, terms
from sipas.evidence.keys import Keyring
from sipas.instrument.shelf import Shelf
from sipas.reports import caps
from sipas.reports.kiosks import note_gaps
from sipas.settings import Settings
from sipas.store import batches, responses
from sipas.store.engine import Store
from sipas.store.locks import only_one

FACTS = "facts"
FORENSICS = "forensics"
CAPS = "caps"
TICK_SECONDS = 20.0
RETRY_SECONDS = 300.0  # after a job that failed

log = structlog.get_logger()


class Clock:
    """One thread of this process that looks every few seconds whether something is due."""

    def __init__(self, work: Callable[[], None], *, tick: float = TICK_SECONDS, retry: float = RETRY_SECONDS) -> None:
        self._work = work
        self._tick = tick
        self._retry = retry
        self._ending = threading.Event()
        self._free = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="clockwork", daemon=True)

    def start(self) -> Clock:
        self._thread.start()
        return self

    def stop(self) -> None:
        """Tick no more; a job under way is waited for."""
        self._ending.set()
        if self._thread.is_alive():
            self._thread.join()

    def hold(self) -> None:
        """Start no job until release(), while a demonstration loads; one under way is waited for."""
        self._free.acquire()

    def release(self) -> None:
        """Go on."""
        self._free.release()

    @contextmanager
    def held(self) -> Iterator[None]:
        """hold() and release() around some work."""
        with self._free:
            yield

    def _run(self) -> None:
        while not self._ending.is_set():
            with self._free:
                wait = self._tick if self._ending.is_set() or self._one() else self._retry
            self._ending.wait(wait)

    def _one(self) -> bool:
        try:
            self._work()
        except Exception as error:  # noqa: BLE001 -- the thread must outlive whatever goes wrong; a later tick tries again
            # One line and no traceback: a database's message can repeat what it was given.
            said = next(iter(str(error).splitlines()), "")
            log.error("clockwork.failed", reason=type(error).__name__, said=said)  # noqa: TRY400 -- see above
            return False
        return True


def start_clock(store: Store, keyring: Keyring, shelf: Shelf, settings: Settings, *, held: bool = False) -> Clock:
    """The clockwork of a server: a missed seal at once, then daily at SIPAS_SEAL_AT, and the estimates after each."""
    rounds = Rounds(store, keyring, shelf, settings.seal_at, extract=settings.extract, demo=settings.demo)
    clock = Clock(lambda: rounds.go(now=terms.now()))
    if held:
        clock.hold()
    return clock.start()


class Rounds:
    """What one tick does. Several nodes may go at once: each job is done by one of them."""

    def __init__(
        self, store: Store, keyring: Keyring, shelf: Shelf, seal_at: tuple[int, int], *, extract: str = "", demo: bool = False
    ) -> None:
        self._store = store
        self._keyring = keyring
        self._shelf = shelf
        self._seal_at = seal_at
        self._extract = extract
        self._demo = demo
        self._unlucky: date | None = None  # the day on which a screening failed: the next day tries again
        self._looked: date | None = None  # the day on which what is due once a day was done
        self._clean = False  # a process that died after its seal's commit left SQLite's log uncut

    def go(self, *, now: datetime) -> None:
        """Seal if that is due, then estimate if that is, then screen a week that was closed."""
        today = now.astimezone(terms.ZONE).date()
        if sealing.due(self._store, now, self._seal_at):
            report = sealing.seal_when_due(self._store, self._keyring, now=now, rng=random.SystemRandom(), seal_at=self._seal_at)
            if report is not None:
                self._clean = report.clean
                log.info("sealed", taken=report.taken, closed=len(report.closed), quarantined=sum(report.quarantined.values()))
                if missing := note_gaps(self._store, now.astimezone(terms.ZONE)):
                    log.warning("kiosk.gaps", noted=missing, cure="sipas kiosks report")
        if not self._clean:
            self._clean = self._store.checkpoint()
        self._once_a_day(today)
        with only_one(self._store, FACTS) as alone:
            if alone:
                _estimate(self._store, self._shelf, self._extract, today)
        self._screen_once(today)

    def _once_a_day(self, today: date) -> None:
        """The keys of invitations of waves that ended a month ago, and how many answers on site counters may have by the frame."""
        if self._looked == today:
            return
        for wave in minting.forget_ended(self._store, self._keyring, self._shelf, today):
            log.info("invitations_forgotten", wave=wave)
        with only_one(self._store, CAPS) as alone:
            if alone:
                with self._store.write() as session:
                    log.info("capped", counters=len(caps.derive_from_frames(session, self._shelf, today, demonstration=self._demo)))
        self._looked = today

    def _screen_once(self, today: date) -> None:
        """Screen if a week was closed since; what fails here is told, and holds up neither seal nor facts."""
        if self._unlucky == today:
            return
        with only_one(self._store, FORENSICS) as alone:
            try:
                if alone:
                    _screen(self._store, self._shelf, self._extract)
            except Exception as error:  # noqa: BLE001 -- whatever it is, the seal must not wait for it
                self._unlucky = today
                log.error("forensics.failed", reason=type(error).__name__)  # noqa: TRY400 -- a database's message can repeat what it was given


def _estimate(store: Store, shelf: Shelf, folder: str, today: date) -> None:
    """Compute the facts of every open wave that has answers, once after each seal."""
    with store.read() as session:
        sealed, computed = batches.find_day(session, sealing.JOB), batches.find_day(session, FACTS)
        answered = set(responses.list_waves(session))
    if sealed is None or sealed == computed:
        return
    from sipas.extract import Extract  # noqa: PLC0415 -- as below
    from sipas.reports import facts  # noqa: PLC0415 -- NumPy and SciPy are loaded when first needed, not at every start

    for wave in shelf.waves.values():
        if wave.code in answered and wave.is_open(today):
            try:
                report = facts.compute(store, shelf, wave.code, extract=Extract.of(store, folder))
            except facts.RunUnderWayError:  # somebody's `sipas facts compute`, which may have begun before the seal
                log.info("computing_elsewhere", wave=wave.code)
                return  # the day is not put down: a later tick tries again
            log.info("computed", wave=wave.code, facts=report.facts, seconds=round(report.seconds, 1))
    with store.write() as session:
        batches.put_day(session, FACTS, sealed)


def _screen(store: Store, shelf: Shelf, folder: str) -> None:
    """Screen every wave that has answers in the week that was closed last, once."""
    with store.read() as session:
        closed = [batch["week"] for batch in batches.list_batches(session) if batch["state"] == "closed"]
        done = batches.find_day(session, FORENSICS)
    if not closed or (sunday := terms.Week.parse(closed[-1]).sunday) == done:
        return
    from sipas.extract import Extract  # noqa: PLC0415 -- as above
    from sipas.reports import forensics  # noqa: PLC0415 -- as above

    extract = Extract.of(store, folder)
    with store.read() as session:
        answered = [code for code in responses.list_waves(session) if code in shelf.waves]
        known = {code: {week.week for week in extract.list_known(session, code)} for code in answered}
    for code in answered:
        if closed[-1] in known[code]:
            found = forensics.screen_and_store(store, shelf, code, extract=extract)
            if found is not None:
                log.info("screened", wave=code, units=found.units, seconds=round(found.seconds, 1))
    with store.write() as session:
        batches.put_day(session, FORENSICS, sunday)
