"""`sipas <noun> <verb>`: one file per noun, imported only when it is called."""

from __future__ import annotations

import sys
from importlib import import_module
from types import MappingProxyType

import click

from sipas.terms import SipasError

# noun → what it is for; its file defines a click command or group of the same name
NOUNS = MappingProxyType(
    {
        "run": "Start with the demonstration province: what `make run` calls.",
        "serve": "Start the server without demonstration data.",
        "migrate": "Bring the database to the newest tables.",
        "doctor": "Say what is wrong with this installation and how to mend it.",
        "keys": "Make and look after the keys.",
        "settings": "Print every setting with its value and meaning.",
        "units": "Load public bodies, their predecessors and their counters.",
        "counters": "Counters and their printed codes.",
        "kiosks": "Tablets at counters that take answers without network.",
        "screens": "Displays at counters that show a changing code.",
        "tokens": "One-time codes: cards, slips, samples, and how many were given.",
        "clients": "Programs of other systems that may ask for invitations.",
        "canaries": "Test answers with known content, to see that nothing is dropped or altered.",
        "surveys": "Questionnaires, sectors, waves and targets.",
        "sound": "Questions read aloud by people, one file each.",
        "frame": "Population counts: dossiers, visits, pupils.",
        "plan": "How many answers a survey needs, and how many people to ask.",
        "estimate": "Estimates with their errors from any CSV or Parquet file.",
        "seal": "Seal the inbox now.",
        "extract": "The columnar copy of the sealed answers, for counting and for other engines.",
        "facts": "Compute and release estimates.",
        "forensics": "Flag units whose answers stand out, for a person to decide.",
        "signs": "Print the signs that stand on counters.",
        "paper": "Answers on paper: batches, forms, and how their typing went.",
        "export": "Write scorecards and data to files.",
        "officials": "Accounts of those who sign in.",
        "demo": "Fill an empty database with the invented province.",
    }
)


class Nouns(click.Group):
    """A group that imports a noun's file only when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 -- click's signature
        return list(NOUNS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in NOUNS:
            return None
        command: click.Command = getattr(import_module(f"sipas.cli.{cmd_name}"), cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl(list(NOUNS.items()))


@click.group(cls=Nouns, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="sipas")
def sipas() -> None:
    """Citizen satisfaction, from a scanned code to a verdict."""


def main() -> None:
    """The entry point: a refusal is one sentence and exit code 1, never a traceback."""
    try:
        sipas()
    except SipasError as refusal:
        click.echo(str(refusal), err=True)
        sys.exit(1)
