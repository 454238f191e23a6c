"""`sipas plan`: how many answers a survey needs, and how many people must be asked for them. Needs no database."""

from __future__ import annotations

import json
import math
from dataclasses import asdict
from pathlib import Path
from types import MappingProxyType

import click
import numpy as np

from sipas.imports.complaints import BadFileError, Complaint
from sipas.imports.counts import find_style, read_count
from sipas.imports.tables import Column, Record, read_table
from sipas.stats import fieldwork, planning
from sipas.stats.fieldwork import Plan, StrataPlan, Wish, plan_strata, plan_survey
from sipas.stats.planning import Size
from sipas.stats.power import BadPlanError
from sipas.terms import SipasError

COLUMNS = (
    Column("name", ("stratum", "unit", "đơn vị", "tầng")),
    Column("population", ("dossiers", "số hồ sơ", "tổng thể")),
    Column("expected", ("share", "tỷ lệ dự kiến"), required=False),
)
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)

NOTES = MappingProxyType(
    {
        planning.NOBODY: "The population is empty: nobody needs to be asked.",
        planning.ONLY_EVERYONE: "A share that lies at its target is shown by no sample: only counting everyone settles it.",
        planning.NOT_BY_ASKING: "The expected share is so near the target that more than a million answers would be needed.",
        planning.POPULATION_TOO_SMALL: "Under 30 answers no verdict is ever given: take a longer period or a larger domain.",
        fieldwork.NOT_REACHABLE: "There are fewer people than that: raise the response, or take a longer period or a larger domain.",
        fieldwork.NO_FINITE_POPULATION: "The verdict will leave the population's size out: the response is under 60 %, or fewer than 20 of the rarer answer are expected.",
        fieldwork.FEW_RARE: "Fewer than 5 of the rarer answer are expected: the margin's formula is too hopeful, plan for the target.",
    }
)


class PlanRefusedError(SipasError):
    """A plan was asked for with numbers that are none of the kind."""


@click.command()
@click.option("--population", type=click.IntRange(0), help="Dossiers, visits or pupils; without it the population is taken as endless.")
@click.option("--expected", type=float, help="Share of satisfied answers expected, 0 to 1; without it 0.5, the most cautious for a margin.")
@click.option("--target", type=float, help="Share that is to be shown, such as 0.9.")
@click.option("--margin", type=float, help="Margin of error wished for, such as 0.03.")
@click.option("--deff", type=float, default=1.0, show_default=True, help="Design effect: 1.5 where answers come in clusters.")
@click.option("--response-rate", type=float, default=1.0, show_default=True, help="Answers per invitation, such as 0.4.")
@click.option("--level", type=float, default=0.95, show_default=True, help="Confidence of the two-sided interval.")
@click.option("--power", type=float, default=0.8, show_default=True, help="Chance of showing the target if the share is as expected.")
@click.option("--strata", type=FILE, help="A CSV file with the columns name, population and, if they differ, expected.")
@click.option("--floor", type=click.IntRange(0), default=5, show_default=True, help="Least answers of a stratum; 10 if each is published.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of sentences.")
def plan(
    *,
    population: int | None,
    expected: float | None,
    target: float | None,
    margin: float | None,
    deff: float,
    response_rate: float,
    level: float,
    power: float,
    strata: Path | None,
    floor: int,
    as_json: bool,
) -> None:
    """How many answers a survey needs: for a margin of error, to show a target, for a whole and for its strata."""
    if not 0 < level < 1:
        raise PlanRefusedError(f"A level lies between 0 and 1 (0.95 is 95 % confidence), not {level:g}.")
    wish = Wish(margin, target, deff, response_rate, power, round(1 - level, 12), floor)
    if expected is None and target is not None and strata is None:
        raise PlanRefusedError("To show a target one must say what share is expected: add --expected, such as --expected 0.93.")
    try:
        if strata is None:
            size = math.inf if population is None else float(population)
            one = plan_survey(size, 0.5 if expected is None else expected, wish)
            click.echo(_as_json(_told(one)) if as_json else "\n".join(_sentences(one, wish)))
            return
        if population is not None:
            raise PlanRefusedError("The strata's file says how large the population is: leave --population out.")
        names, people, shares = _read_strata(strata, expected, target)
        many = plan_strata(np.array(people, np.int64), np.array(shares), wish)
    except BadPlanError as fault:
        raise PlanRefusedError(f"{fault}.") from None
    click.echo(_as_json(_told_strata(names, many)) if as_json else "\n".join([*_sentences(many.whole, wish), *_table(names, many)]))


def _read_strata(path: Path, expected: float | None, target: float | None) -> tuple[list[str], list[int], list[float]]:
    table = read_table(path, COLUMNS)
    style = find_style(record.cells["population"] for record in table.records)
    names, people, shares, complaints = [], [], [], []
    for record in table.records:
        count = read_count(record.cells["population"], style)
        if isinstance(count, str):
            cure = "write a whole number, 0 or more"
            complaints.append(Complaint(record.line, "population", record.cells["population"], count, cure))
        share = _share(record, expected, target)
        if isinstance(share, Complaint):
            complaints.append(share)
        if not isinstance(count, str) and not isinstance(share, Complaint):
            names.append(record.cells["name"] or f"line {record.line}")
            people.append(count)
            shares.append(share)
    if complaints:
        raise BadFileError(path.name, complaints)
    return names, people, shares


def _share(record: Record, expected: float | None, target: float | None) -> float | Complaint:
    text = record.cells.get("expected", "").replace(",", ".")
    if not text:
        if expected is None and target is not None:
            return Complaint(record.line, "expected", "", "is empty", "write the share expected, or give --expected for all")
        return 0.5 if expected is None else expected
    try:
        share = float(text)
    except ValueError:
        share = math.nan
    if not 0 <= share <= 1:
        return Complaint(record.line, "expected", record.cells["expected"], "is no share from 0 to 1", "write 0.93 for 93 %")
    return share


def _percent(share: float) -> str:
    return f"{100 * share:.6g} %"


def _sentences(one: Plan, wish: Wish) -> list[str]:
    people = "an endless population" if math.isinf(one.population) else f"a population of {one.population:,.0f}"
    confidence = _percent(1 - wish.alpha)
    lines = [f"For {people}, {_percent(one.expected)} expected, design effect {wish.deff:g}, {confidence} confidence:"]
    if wish.margin is not None and one.for_margin is not None:
        lines.append(f"  margin of {100 * wish.margin:.6g} points: {_size(one.for_margin, wish)}")
        lines.append(f"  official short form (Yamane: half satisfied, z = 2, no design effect): {one.yamane:,} answers; it shows no target")
    if wish.target is not None and one.to_show is not None:
        verb = "is at least" if one.expected >= wish.target else "is below"
        chance = f"with a chance of {_percent(wish.power)}"
        lines.append(f"  to show that the share {verb} {_percent(wish.target)}, {chance}: {_size(one.to_show, wish)}")
    return lines + [f"  {NOTES[note]}" for note in one.notes]


def _size(size: Size, wish: Wish) -> str:
    if size.answers is None:
        return "no number of answers is enough"
    said = f"{size.answers:,} answers"
    if size.without_population not in {None, size.answers}:
        said += f" ({size.without_population:,} if the population were endless)"
    elif size.with_population != size.answers:
        said += f" ({size.with_population:,} by the formula with the population's size)"
    if wish.response_rate < 1:
        said += f"; {size.invitations:,} invitations at a response of {_percent(wish.response_rate)}"
    return said


def _table(names: list[str], many: StrataPlan) -> list[str]:
    width = max(len(name) for name in [*names, "stratum"])
    head = f"{'stratum':<{width}} {'population':>11} {'expected':>9} {'alone':>9} {'proport.':>9} {'invited':>9} {'Neyman':>9}"
    rows = zip(names, many.alone, many.proportional.sizes, many.invitations, many.neyman.sizes, strict=True)
    lines = ["", head]
    for name, one, even, invited, neyman in rows:
        alone = (
            "none"
            if one.answers is None
            else f"{one.answers:,}" + "*" * bool({fieldwork.NOT_REACHABLE, planning.POPULATION_TOO_SMALL} & {*one.notes})
        )
        lines.append(
            f"{name:<{width}} {one.population:>11,.0f} {_percent(one.expected):>9} {alone:>9} {even:>9,} {invited:>9,} {neyman:>9,}"
        )
    lines.append(
        f"{'all':<{width}} {many.whole.population:>11,.0f} {_percent(many.whole.expected):>9} {'':>9} {many.proportional.total:>9,} "
        f"{int(many.invitations.sum()):>9,} {many.neyman.total:>9,}"
    )
    margins = f"{100 * many.proportional_margin:.2f} points; Neyman's spread gives {100 * many.neyman_margin:.2f}"
    return [
        *lines,
        "",
        f"Spread in proportion the whole has a margin of {margins}.",
        "alone: answers a stratum needs to be judged for itself.",
    ]


def _told(one: Plan) -> dict[str, object]:
    told = asdict(one)
    told["population"] = None if math.isinf(one.population) else int(one.population)
    return told


def _told_strata(names: list[str], many: StrataPlan) -> dict[str, object]:
    rows = zip(names, many.alone, many.proportional.sizes.tolist(), many.invitations.tolist(), many.neyman.sizes.tolist(), strict=True)
    return {
        "whole": _told(many.whole),
        "proportional": {"total": many.proportional.total, "outcome": many.proportional.outcome, "margin": many.proportional_margin},
        "neyman": {"total": many.neyman.total, "outcome": many.neyman.outcome, "margin": many.neyman_margin},
        "strata": [
            {"name": name, "alone": _told(one), "proportional": even, "invitations": invited, "neyman": neyman}
            for name, one, even, invited, neyman in rows
        ],
    }


def _as_json(told: dict[str, object]) -> str:
    return json.dumps(told, ensure_ascii=False, indent=1)
