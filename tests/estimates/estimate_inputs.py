"""Rows and designs in a few letters, and what `sipas estimate` makes of them."""

from __future__ import annotations

from pathlib import Path

from sipas.estimates.answer import Answer, Line, answer
from sipas.estimates.design_file import read_design
from sipas.estimates.reading import read_csv
from sipas.estimates.request import Request
from sipas.estimates.sheet import Sheet

ROOT = Path(__file__).resolve().parents[2]
ROWS = "s,c,w,N,y,g,x\nA,1,2,4,5,m,10\nA,2,2,4,3,f,12\nB,3,1.5,3,4,m,9\nB,4,1.5,3,,f,11\n"
DESIGN = '[design]\nstrata = "s"\nweight = "w"\npopulation = "N"\n'
SHARE = '[[statistics]]\nname = "sat"\nkind = "share"\ncolumn = "y"\nlevels = [4, 5]\n'
RAKING = '[calibration]\nmethod = "raking"\n[[calibration.margins]]\ncolumns = "g"\ntotals = { m = 3, f = 4 }\n'


def request(toml: str) -> Request:
    return read_design(toml.encode(), "design.toml")


def sheet(rows: str, asked: Request) -> Sheet:
    return read_csv("rows.csv", rows, "UTF-8", asked)


def estimated(toml: str, rows: str = ROWS) -> Answer:
    asked = request(toml)
    return answer(sheet(rows, asked), asked)


def lines(toml: str, rows: str = ROWS) -> dict[str, Line]:
    return {line.name: line for line in estimated(toml, rows).lines}


def statistic(name: str, kind: str, more: str) -> str:
    return f'[[statistics]]\nname = "{name}"\nkind = "{kind}"\n{more}\n'
