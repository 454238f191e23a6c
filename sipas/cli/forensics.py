"""`sipas forensics`: screen the closed weeks for units that stand out, and list what was found."""

from __future__ import annotations

import click

from sipas.cli.opening import open_shelf, opened_store
from sipas.extract import Extract
from sipas.reports.facts import get_wave
from sipas.reports.forensics import screen_and_store
from sipas.store.engine import Store
from sipas.store.forensics import Screening, list_dispositions, list_flags, list_screenings
from sipas.store.proposals import list_proposals
from sipas.store.reading import list_units


@click.group()
def forensics() -> None:
    """Screen the closed weeks for units that stand out; flags accuse nobody and change no answer."""


@forensics.command()
@click.argument("wave")
@click.option("--again", is_flag=True, help="Screen weeks anew that were screened by these rules before.")
def run(wave: str, *, again: bool) -> None:
    """Screen the closed weeks of WAVE's newest quarter, as the clock does once a week."""
    with opened_store() as (settings, store):
        extract = Extract.of(store, settings.extract)
        found = screen_and_store(store, open_shelf(settings), wave, extract=extract, progress=click.echo, again=again)
        if found is None:
            click.echo(f"{wave} has no closed week yet: a week is screened after its close")
            return
        _tell(store, found)


@forensics.command("list")
@click.argument("wave")
def list_(wave: str) -> None:
    """List the screenings of WAVE, their flags, what was decided, and what is proposed to be set aside."""
    with opened_store() as (settings, store):
        get_wave(open_shelf(settings), wave)
        with store.read() as session:
            screenings = list_screenings(session, wave)
            decided = [one for period in sorted({one.period for one in screenings}) for one in list_dispositions(session, wave, period)]
            proposed = [one for one in list_proposals(session) if one[0].screening_id in {screening.id for screening in screenings}]
        for screening in screenings:
            _tell(store, screening)
        for disposition, week in decided:
            click.echo(f"decided on figures to {week}  unit {disposition.unit_id}  {disposition.decision}  by {disposition.official}")
        for proposal, outcome in reversed(proposed):
            said = f"{outcome.outcome} by {outcome.second}" if outcome else "waits for a second person"
            what = f"{proposal.act}  unit {proposal.unit_id}  {proposal.sign}  {proposal.rows} answers  by {proposal.proposer}"
            click.echo(f"proposal {proposal.id}  {what}: {said}")
    click.echo(f"{len(screenings)} screenings")


def _tell(store: Store, screening: Screening) -> None:
    with store.read() as session:
        flags = list_flags(session, screening.id)
        names = {unit.id: unit.full_name for unit in list_units(session, {flag.unit_id for flag in flags})}
    units = {flag.unit_id for flag in flags}
    click.echo(
        f"screening {screening.id}  {screening.period} to {screening.week}  {screening.rules}  {screening.answers} answers, "
        f"{screening.units} units, {len(units)} flagged  {screening.seconds:.1f} s"
    )
    click.echo(
        f"  false alarms: {screening.expected_if_clean:.2f} units where nothing is wrong, {screening.expected_false:.1f} of those flagged"
    )
    for flag in flags:
        name = names.get(flag.unit_id, str(flag.unit_id))
        figures = f"observed {flag.observed:.4g}, expected {flag.expected:.4g}, p {flag.p:.2g}"
        click.echo(f"  {flag.reason:<11}  {name}  {flag.instrument} {flag.length}  {figures}")
