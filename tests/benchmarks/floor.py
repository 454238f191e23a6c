"""The barest Flask form with one durable SQLite insert: what the load benchmark compares with, in the same run."""

from __future__ import annotations

import os
import sqlite3
import threading

from flask import Flask, request
from waitress import serve

ITEMS = [f"q{number}" for number in range(1, 27)]
PAGE = """<!doctype html><title>Floor</title><form method="post" action="/insert">
{% for name in names %}<fieldset><legend>How satisfied are you with part {{ name }} of the service?</legend>
{% for value in (1, 2, 3, 4, 5) %}<label><input type="radio" name="{{ name }}" value="{{ value }}"> {{ value }}</label>{% endfor %}</fieldset>
{% endfor %}<textarea name="note"></textarea><button>Send</button></form>"""

app = Flask(__name__)
template = app.jinja_env.from_string(PAGE)
local = threading.local()


def database() -> sqlite3.Connection:
    if not hasattr(local, "connection"):
        local.connection = sqlite3.connect(os.environ["FLOOR_DB"], timeout=30, isolation_level=None)
        local.connection.execute("PRAGMA journal_mode=WAL")
        local.connection.execute("PRAGMA synchronous=FULL")
    return local.connection


@app.get("/page")
def page() -> str:
    return template.render(names=ITEMS)


@app.post("/insert")
def insert() -> str:
    database().execute(f"INSERT INTO r VALUES ({','.join('?' * 27)})", [request.form.get(name) for name in [*ITEMS, "note"]])
    return "<p>Cảm ơn</p>"


if __name__ == "__main__":
    database().execute(f"CREATE TABLE IF NOT EXISTS r ({','.join([*ITEMS, 'note'])})")
    serve(app, host="127.0.0.1", port=int(os.environ["FLOOR_PORT"]), threads=8)
