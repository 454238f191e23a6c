"""`sipas facts`: compute and release estimates, and list the runs."""

from __future__ import annotations

import json
from time import perf_counter

import click

from sipas.cli.opening import open_shelf, opened_store
from sipas.extract import Extract
from sipas.reports.auditing import audit as audit_facts
from sipas.reports.facts import compute as compute_facts
from sipas.reports.facts import get_wave
from sipas.store.facts import list_runs


@click.group()
def facts() -> None:
    """Compute and release estimates."""


@facts.command("compute")
@click.argument("wave")
@click.option("--correction", is_flag=True, help="Declare a correction: every released figure moves to this run.")
def compute(wave: str, *, correction: bool) -> None:
    """Compute all figures of WAVE from the sealed answers and release those that may move."""
    began = perf_counter()
    with opened_store() as (settings, store):
        extract = Extract.of(store, settings.extract)
        report = compute_facts(store, open_shelf(settings), wave, extract=extract, progress=click.echo, correction=correction)
    if report.frozen:
        click.echo(f"{report.frozen} domains keep their old figures, because their growth would tell a smaller one")
    click.echo(
        f"run {report.run_id}: {report.answers} answers, {report.facts} facts, {report.released} domains released, "
        f"{report.hidden} hidden for another's sake in {report.hiding:.1f} s, {report.seconds:.1f} s in all; with key drivers {perf_counter() - began:.1f} s"
    )


@facts.command("audit")
@click.argument("wave")
def audit(wave: str) -> None:
    """Try to work out what is hidden of WAVE from everything that is told; fails if anything can be."""
    with opened_store() as (settings, store):
        extract = Extract.of(store, settings.extract)
        report = audit_facts(store, open_shelf(settings), wave, extract=extract)
    for place in report.leaks:
        click.echo(place)
    click.echo(
        f"{report.told} domains and {report.details} details told, {report.hidden} groups not told, {len(report.leaks)} leaks, {report.seconds:.1f} s"
    )
    if report.leaks:
        raise SystemExit(1)


@facts.command("list")
@click.argument("wave")
def list_(wave: str) -> None:
    """List the runs of WAVE, and what a reader of their figures must know."""
    with opened_store() as (settings, store), store.read() as session:
        get_wave(open_shelf(settings), wave)
        runs = list_runs(session, wave)
    for run in runs:
        notes = json.loads(run.notes)
        click.echo(f"run {run.id}  to week {run.week or '-'}  {run.n} answers  frame {run.frame_id or 'none'}  version {run.version}")
        for name in ("quarantined", "no_frame", "provisional_months", "over_frame"):
            if notes.get(name):
                click.echo(f"  {name}: {json.dumps(notes[name])}")
    click.echo(f"{len(runs)} runs")
