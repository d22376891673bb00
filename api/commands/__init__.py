"""The ``safe-region`` command: names, options and exit codes of the contract.

Only typer is imported here; every command brings in what it needs when it is called, so that
``--help`` answers at once.
"""

from __future__ import annotations

import sys

import typer

from api.commands import (
    assets,
    backtest,
    dark_gap,
    daylight,
    imports,
    lamp,
    locate,
    patrols,
    places,
    routes,
    runs,
    scenario,
    service,
    what_if,
    work,
    workspaces,
)
from api.commands.output import print_error
from geo.errors import SafeRegionError

app = typer.Typer(
    name="safe-region",
    help="Find where children meet danger on the way to school, and what would help.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command("init")(workspaces.init)
app.add_typer(imports.app, name="import")
app.command("locate")(locate.locate)
app.command("build")(runs.build)
app.command("backtest")(backtest.backtest)
app.command("explain")(places.explain)
app.command("scenario")(scenario.scenario)
app.command("scenario-lamp")(lamp.scenario_lamp)
app.command("daylight")(daylight.daylight)
app.command("dark-gap")(dark_gap.dark_gap)
app.command("routes")(routes.routes)
app.command("what-if")(what_if.what_if)
app.add_typer(assets.app, name="assets")
app.add_typer(patrols.app, name="patrols")
app.command("serve")(service.serve)
app.command("demo")(service.demo)
app.command("work")(work.work)
app.add_typer(runs.snapshots, name="snapshots")
app.add_typer(workspaces.database, name="db")


def main() -> None:
    """Run the command line and leave with the exit code of the contract."""
    try:
        app()
    except SafeRegionError as error:
        print_error(error, as_json="--json" in sys.argv)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(130)
