"""`sipas migrate` says where the database stands and takes it to the newest tables."""

from __future__ import annotations

from click.testing import CliRunner

from sipas.cli.migrate import migrate
from sipas.store import migrate as migrations
from sipas.store.engine import Store

NEWEST = migrations.revisions()[-1]


def test_an_empty_database_is_brought_to_the_newest(tmp_path) -> None:
    env = {"SIPAS_DATABASE": f"sqlite:///{tmp_path}/new.sqlite"}
    behind = CliRunner().invoke(migrate, ["--check"], env=env)
    moved = CliRunner().invoke(migrate, env=env)
    again = CliRunner().invoke(migrate, env=env)
    there = CliRunner().invoke(migrate, ["--check"], env=env)
    assert (behind.exit_code, behind.output) == (1, f"The database is at no revision; the newest is {NEWEST}. Run: sipas migrate\n")
    assert (moved.exit_code, moved.output) == (0, f"The database went from empty to {NEWEST}.\n")
    assert again.output == f"Nothing to do: the database is already at the newest revision, {NEWEST}.\n"
    assert (there.exit_code, there.output) == (0, f"The database is at the newest revision, {NEWEST}.\n")


def test_a_database_one_step_behind_is_told_so(store: Store) -> None:
    migrations.downgrade(store, migrations.revisions()[-2])
    result = CliRunner().invoke(migrate, ["--check"], env={"SIPAS_DATABASE": store.url.render_as_string(hide_password=False)})
    assert result.exit_code == 1
    assert f"is at {migrations.revisions()[-2]}; the newest is {NEWEST}" in result.output
