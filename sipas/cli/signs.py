"""`sipas signs`: the signs that stand on counters."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from typing import Any

import click

from sipas import terms
from sipas.cli.opening import opened_store
from sipas.exports.printing import UnprintableError
from sipas.exports.signs import PAPERS, Second, Sign, second_of, sign_of, sign_pdf, sign_set_pdf, sign_svg
from sipas.imports.directory import find_named
from sipas.store.units import Counter, Unit, get_counter, get_unit, list_branch, list_signs
from sipas.web.language import SOURCE, translations
from sipas.web.tongues import tongues

DRAW = {"pdf": sign_pdf, "svg": sign_svg}
UNIT = click.option("--unit", "unit_code", help="Every counter of this unit and of the units below it.")
COUNTER = click.option("--counter", "counter_id", type=int, help="This one counter.")
OUT = click.option("--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="The folder to write to.")
SECOND = click.option(
    "--second",
    type=click.Choice(("none", *(code for code in tongues() if code != SOURCE))),
    default="en",
    show_default=True,
    help="The language below the Vietnamese.",
)


@click.group()
def signs() -> None:
    """Print the signs that stand on counters."""


@signs.command("print")
@UNIT
@COUNTER
@OUT
@click.option("--paper", type=click.Choice(PAPERS), default="A4", show_default=True)
@click.option("--format", "form", type=click.Choice(tuple(DRAW)), default="pdf", show_default=True)
@SECOND
def print_(unit_code: str | None, counter_id: int | None, out: Path, paper: str, form: str, second: str) -> None:
    """Write one file a sign, for every printed code that is not revoked."""
    with wanted_signs(unit_code, counter_id, second) as found:
        out.mkdir(parents=True, exist_ok=True)
        for number, (unit, counter, sign) in enumerate(found, start=1):
            path = out / f"{unit.code}-{counter.id}-{sign.code}.{form}"
            path.write_bytes(DRAW[form](sign, paper=paper))
            click.echo(f"{number} of {len(found)}  {path}")


@signs.command("set")
@UNIT
@COUNTER
@OUT
@click.option("--paper", "papers", type=click.Choice(PAPERS), multiple=True, help="Only this paper; may be named again.  [default: all]")
@SECOND
def set_(unit_code: str | None, counter_id: int | None, out: Path, papers: tuple[str, ...], second: str) -> None:
    """Write one PDF a unit with all its signs: each counter on A4, on A5 and as two table tents."""
    with wanted_signs(unit_code, counter_id, second) as found:
        out.mkdir(parents=True, exist_ok=True)
        for unit_id, rows in groupby(found, key=lambda row: row[0].id):
            group = list(rows)
            unit = group[0][0]
            path = out / f"{unit.code}-{unit_id}{f'-{counter_id}' if counter_id else ''}.pdf"
            path.write_bytes(sign_set_pdf([sign for _, _, sign in group], papers=papers or PAPERS))
            click.echo(f"{len(group)} signs of {unit.full_name}  {path}")


@contextmanager
def wanted_signs(unit_code: str | None, counter_id: int | None, second: str) -> Iterator[Sequence[tuple[Unit, Counter, Sign]]]:
    """The signs that a command asks for, with their units and counters, in the order of the tree; UnprintableError for none."""
    if (unit_code is None) == (counter_id is None):
        raise UnprintableError("say whose signs: either --unit CODE or --counter NUMBER")
    with opened_store() as (settings, store), store.read() as session:
        if counter_id is not None:
            below = [get_counter(session, counter_id).unit_id]
        else:
            root = get_unit(session, find_named(session, unit_code or "", terms.today()))
            below = [unit.id for unit in list_branch(session, root)]
        rows = [row for row in list_signs(session, below) if counter_id in {None, row[1].id}]
        wanted = [(unit, counter, code) for unit, counter, code in rows if code and not code.revoked and code.medium == "printed"]
        if not wanted:
            raise UnprintableError("there is no sign to print: no counter there has a printed code; see: sipas counters list")
        said: dict[str, Any] = {
            "public_url": settings.public_url,
            "demo": settings.demo,
            "authority": settings.authority,
            "address_word": settings.address_word,
        }
        beside = find_second(second)
        yield [(unit, counter, sign_of(unit, counter, code, second=beside, **said)) for unit, counter, code in wanted]


def find_second(language: str) -> Second | None:
    """The words of a second language; None for ``none``."""
    return None if language == "none" else second_of(language, translations(language).gettext, reviewed=tongues()[language].reviewed)
