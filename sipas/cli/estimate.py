"""`sipas estimate`: the platform's estimators on anyone's rows. Needs no database."""

from __future__ import annotations

from pathlib import Path

import click

from sipas.estimates.answer import answer
from sipas.estimates.design_file import read_design
from sipas.estimates.reading import PARQUET, read_csv, read_parquet
from sipas.estimates.refusals import BadInputError
from sipas.estimates.request import Request
from sipas.estimates.sheet import Sheet
from sipas.estimates.telling import as_json, as_table
from sipas.imports.complaints import Complaint
from sipas.imports.encodings import decode

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.option("--data", type=FILE, required=True, help="A CSV or Parquet file: one row a respondent.")
@click.option(
    "--design", type=FILE, required=True, help="A TOML file that says how the rows were drawn and what to estimate; docs/estimate.md."
)
@click.option("--json", "as_json_", is_flag=True, help="Print JSON, every number to its last digit, instead of a table.")
def estimate(*, data: Path, design: Path, as_json_: bool) -> None:
    """Shares, means, totals, ratios, composites, differences and contrasts of any survey, with design-based errors."""
    request = read_design(design.read_bytes(), design.name)
    found = answer(read(data, request), request)
    click.echo(as_json(found) if as_json_ else as_table(found))


def read(path: Path, request: Request) -> Sheet:
    """The rows of a file of either kind, told apart by how it begins."""
    with path.open("rb") as file:
        if file.read(len(PARQUET)) == PARQUET:
            return read_parquet(path, request)
    decoded = decode(path.read_bytes())
    if isinstance(decoded, Complaint):
        raise BadInputError(path.name, [str(decoded)])
    return read_csv(path.name, decoded.text, decoded.encoding, request)
