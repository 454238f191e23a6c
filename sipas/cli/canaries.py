"""`sipas canaries`: test answers with known content, sent as anybody's through every channel, to see that each arrives once and unaltered."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from sipas import terms
from sipas.cli.opening import opened_store
from sipas.evidence import codes
from sipas.evidence.keys import Keyring
from sipas.evidence.receipts import receipt_hash
from sipas.store.audit import add_audit
from sipas.store.canaries import add_canaries, list_canaries, list_sealed
from sipas.terms import SipasError

COLUMNS = ("receipt", "sector", "channel", "answers")
FILE = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))


class BadCanaryFileError(SipasError):
    """A list of test answers that cannot be read; the message names line and cure."""


@dataclass(frozen=True, slots=True)
class Known:
    """One test answer as its sender wrote it down."""

    line: int
    receipt: str
    sector: str
    channel: str
    answers: dict[str, int]


@click.group()
def canaries() -> None:
    """Test answers with known content, to see that nothing is dropped or altered on its way."""


@canaries.command("declare")
@FILE
def declare(file: Path) -> None:
    """Declare the receipts of FILE before their seal: these answers are kept apart and never counted."""
    known = read_known(file)
    with opened_store() as (settings, store), store.write() as session:
        keyring = Keyring.open(settings.keys)
        fresh = add_canaries(session, [receipt_hash(keyring, one.receipt) for one in known])
        add_audit(session, at=terms.now(), official="command line", action="canaries_declare", details=json.dumps({"declared": fresh}))
    click.echo(f"{fresh:,} receipts declared, {len(known) - fresh:,} were already. After the next seal: sipas canaries check {file}")


@canaries.command("check")
@FILE
def check(file: Path) -> None:
    """Look for the test answers of FILE among those sealed; fails if one is missing, altered or there twice."""
    known = read_known(file)
    with opened_store() as (settings, store), store.read() as session:
        keyring = Keyring.open(settings.keys)
        waiting = list_canaries(session)
        sealed = Counter((one.sector, one.channel, _plain(json.loads(one.answers))) for one in list_sealed(session))
    wanted = Counter((one.sector, one.channel, _plain(one.answers)) for one in known)
    lost = [one for one in known if receipt_hash(keyring, one.receipt) in waiting]
    wrong = [one for one in known if one not in lost and sealed[key := (one.sector, one.channel, _plain(one.answers))] != wanted[key]]
    for one in lost:
        click.echo(f"{file}:{one.line}: {one.receipt}: no seal has met it; it was dropped, or its kiosk has not sent it yet", err=True)
    for one in wrong:
        click.echo(
            f"{file}:{one.line}: {one.receipt}: not there once as it was written: altered, under another channel, or doubled", err=True
        )
    click.echo(f"{len(known) - len(lost) - len(wrong):,} of {len(known):,} test answers are there once and unaltered.")
    raise SystemExit(1 if lost or wrong else 0)


def read_known(file: Path) -> Sequence[Known]:
    """The list: receipt, sector, channel and the answers as ``HL=4 TC1=5``; what was left open is not named."""
    with file.open(encoding="utf-8-sig", newline="") as opened:
        rows = csv.DictReader(opened)
        if set(COLUMNS) - set(rows.fieldnames or ()):
            raise BadCanaryFileError(f"{file}: the first line must name {', '.join(COLUMNS)}; it names {', '.join(rows.fieldnames or ())}")
        known = [_read_row(f"{file}:{rows.line_num}", rows.line_num, row) for row in rows]
    if twice := [receipt for receipt, n in Counter(one.receipt for one in known).items() if n > 1]:
        raise BadCanaryFileError(f"{file}: the receipt {twice[0]} stands there twice")
    return known


def _read_row(place: str, line: int, row: dict[str, str]) -> Known:
    receipt = codes.normalise(row["receipt"] or "")
    if not codes.is_code(receipt):
        raise BadCanaryFileError(f"{place}: {row['receipt']!r} is no receipt: ten characters, as the last page shows them")
    try:
        answers = {name: int(level) for name, _, level in (word.partition("=") for word in (row["answers"] or "").split())}
    except ValueError:
        raise BadCanaryFileError(f"{place}: write the answers as HL=4 TC1=5, not {row['answers']!r}") from None
    return Known(line, receipt, row["sector"] or "", row["channel"] or "", answers)


def _plain(answers: Mapping[str, int | None]) -> tuple[tuple[str, int], ...]:
    """What was answered; what was left open or not met is not part of it."""
    return tuple(sorted((name, level) for name, level in answers.items() if level))
