"""The page of commands, written from the commands themselves: `python -m sipas.cli.pages > docs/commands.md`."""

from __future__ import annotations

from collections.abc import Iterator

import click

from sipas.cli import NOUNS, sipas

_HEAD = """# Commands

A command is a sentence: `sipas <noun> <verb>`. A refusal is one sentence on standard error with exit code 1, never a traceback. Every command takes
`--help` and reads its settings from the environment ([settings.md](settings.md)). This page is written by
`python -m sipas.cli.pages > docs/commands.md`; a test compares the two.
"""


def commands_page() -> str:
    """Every noun, verb, argument and option, in the order of `NOUNS`."""
    context = click.Context(sipas)
    parts = [_HEAD]
    for noun, sentence in NOUNS.items():
        command = sipas.get_command(context, noun)
        assert command is not None
        parts += [f"\n## sipas {noun}\n\n{sentence}\n", *_command(command, f"sipas {noun}", sentence)]
    return "".join(parts)


def _command(command: click.Command, path: str, told: str = "") -> Iterator[str]:
    """What a command says of itself; a group tells its verbs."""
    words = " ".join((command.help or "").split()).replace(" \b", "")
    if isinstance(command, click.Group):
        for verb in command.list_commands(click.Context(command)):
            below = command.commands[verb]
            yield f"\n### {path} {verb}\n"
            yield from _command(below, f"{path} {verb}")
        return
    if words and words != told:
        yield f"\n{words}\n"
    lines = [_parameter(one) for one in command.params]
    usage = " ".join([path, *(one.make_metavar(click.Context(command)) for one in command.params if isinstance(one, click.Argument))])
    if usage != path:
        yield f"\n`{usage}`\n"
    if shown := [line for line in lines if line]:
        yield "\n" + "".join(shown)


def _parameter(parameter: click.Parameter) -> str:
    if not isinstance(parameter, click.Option) or parameter.hidden:
        return ""
    names = ", ".join(f"`{name}`" for name in [*parameter.opts, *parameter.secondary_opts])
    required = " Required." if parameter.required else ""
    choices = f" One of {', '.join(map(str, parameter.type.choices))}." if isinstance(parameter.type, click.Choice) else ""
    return f"- {names}: {' '.join((parameter.help or '').split())}{choices}{required}".rstrip(": ") + "\n"


if __name__ == "__main__":
    click.echo(commands_page(), nl=False)
