"""`sipas settings`: every knob with its value and meaning; `--markdown` writes the page in docs/."""

from __future__ import annotations

import click

from sipas.settings import SETTINGS, read_settings
from sipas.store.engine import normalise

_HEAD = """# Settings

Every setting is an environment variable. No setting holds a secret except a password inside `SIPAS_DATABASE`, which no command
prints; keys lie in the folder that `SIPAS_KEYS` names. A value that cannot be read stops the program with a sentence that
names it. `sipas settings` prints the values in force. This page is written by `sipas settings --markdown`; a test compares the two.

| Name | Default | Meaning |
|---|---|---|
"""


@click.command("settings")
@click.option("--markdown", is_flag=True, help="Print the documentation page instead of the values in force.")
def settings(*, markdown: bool) -> None:
    """Print every setting with its value and meaning."""
    if markdown:
        click.echo(settings_page(), nl=False)
        return
    values = read_settings()
    for setting in SETTINGS:
        click.echo(f"{setting.name}={_value(setting.name, getattr(values, setting.field))}")
        click.echo(f"    default: {setting.default or '(empty)'}")
        click.echo(f"    {setting.help}")


def settings_page() -> str:
    """The documentation page, from the table of settings."""
    return _HEAD + "".join(f"| `{one.name}` | {f'`{one.default}`' if one.default else '(empty)'} | {one.help} |\n" for one in SETTINGS)


def _value(name: str, value: object) -> str:
    """As one would write it in the environment, without the database's password."""
    match value:
        case bool():
            return "1" if value else "0"
        case (int() as hour, int() as minute):
            return f"{hour:02d}:{minute:02d}"
        case str() if name == "SIPAS_DATABASE":
            return str(normalise(value))
        case _:
            return str(value)
