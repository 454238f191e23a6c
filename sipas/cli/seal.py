"""`sipas seal`: seal the inbox now, or check what has been sealed."""

from __future__ import annotations

import random

import click

from sipas import sealing, terms
from sipas.evidence.keys import Keyring
from sipas.settings import read_settings
from sipas.store.engine import Store

ALTERED = 2  # exit code: something is not as it was sealed


@click.command()
@click.option("--verify", "check", is_flag=True, help="Change nothing; check every sealed answer against its key, its week and its root.")
def seal(*, check: bool) -> None:
    """Seal the inbox now."""
    settings = read_settings()
    store, keyring = Store(settings.database), Keyring.open(settings.keys)
    try:
        raise SystemExit(_verify(store, keyring) if check else _seal(store, keyring))
    finally:
        store.close()


def _seal(store: Store, keyring: Keyring) -> int:
    report = sealing.seal(store, keyring, now=terms.now(), rng=random.SystemRandom())
    click.echo(f"{report.taken} answers taken from the inbox")
    for state, weeks in (("open", report.open), ("closed now", report.closed)):
        for week, n in sorted(weeks.items()):
            click.echo(f"{week}  {state}: {n} answers")
    for reason, n in sorted(report.quarantined.items()):
        click.echo(f"set aside, {reason}: {n}")
    for complaint in report.altered:
        click.echo(complaint, err=True)
    if not report.clean:
        click.echo("a long read keeps the write-ahead log from being cut: run `sipas seal` again when it has ended", err=True)
    return ALTERED if report.altered else 0


def _verify(store: Store, keyring: Keyring) -> int:
    findings = sealing.verify(store, keyring)
    click.echo(
        f"{findings.answers} answers and {findings.comments} comments in {findings.weeks} weeks checked: {len(findings.faults)} faults"
    )
    for finding in findings.faults:
        click.echo(str(finding), err=True)
    return 0 if findings.clean else ALTERED
