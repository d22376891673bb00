"""The doors of the command line: exit codes, one JSON object, clear lines for bad input."""

import json
import subprocess
import sys

import pytest

from tests.demo_town import COMMAND, run_command, run_inside


def test_help_answers_without_loading_the_geometry_stack():
    probe = (
        "import sys; sys.argv=['safe-region','--help']\n"
        "from api.commands import app\n"
        "try: app()\nexcept SystemExit: pass\n"
        "heavy = {'geopandas','osmnx','pandas','scipy','sqlalchemy','folium','fastapi'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", probe], check=True, capture_output=True)


@pytest.mark.parametrize(
    ("arguments", "exit_code", "code"),
    [
        (["build"], 4, "workspace_missing"),
        (["import", "osm", "absent.osm.pbf"], 4, "workspace_missing"),
        (["snapshots", "list"], 4, "workspace_missing"),
        (["init", "--name", "X"], 2, "usage"),
        (["init", "--name", "X", "--bbox", "5,6"], 2, "usage"),
        (["init", "--name", "X", "--boundary", "absent.geojson"], 4, "file_not_found"),
    ],
)
def test_bad_call_ends_with_the_code_of_the_contract_and_one_line(
    tmp_path, arguments, exit_code, code
):
    ended = run_inside(*arguments, "--json", directory=tmp_path / "none", check=False)
    assert ended.returncode == exit_code
    assert json.loads(ended.stdout)["error"]["code"] == code
    assert ended.stderr.count("\n") == 1
    assert "Traceback" not in ended.stderr


def test_unknown_option_is_a_usage_error():
    ended = subprocess.run([*COMMAND, "build", "--colour"], capture_output=True, check=False)
    assert ended.returncode == 2


@pytest.fixture
def workspace(tmp_path):
    folder = tmp_path / "oral"
    run_inside("init", "--name", "Oral", "--bbox", "51.3,51.2,51.4,51.26", directory=folder)
    return folder


def test_init_proposes_metres_and_clock(workspace):
    text = (workspace / "region.toml").read_text(encoding="utf-8")
    assert 'metric_crs = "EPSG:32639"' in text
    assert 'time_zone = "Asia/Oral"' in text


@pytest.mark.parametrize(
    ("arguments", "exit_code", "code"),
    [
        (["build"], 4, "no_map"),
        (["import", "osm", "absent.osm.pbf"], 4, "file_not_found"),
        (["snapshots", "rollback", "0123456789abcdef"], 4, "run_unknown"),
        (["explain", "s0123456789ab"], 4, "nothing_published"),
        (["explain", "s0123456789ab", "--window", "noon"], 2, "usage"),
        (["init", "--name", "Again", "--bbox", "51.3,51.2,51.4,51.26"], 2, "workspace_exists"),
    ],
)
def test_empty_workspace_says_what_is_missing(workspace, arguments, exit_code, code):
    ended = run_inside(*arguments, "--json", directory=workspace, check=False)
    assert ended.returncode == exit_code, ended.stderr
    assert json.loads(ended.stdout)["error"]["code"] == code


def test_empty_map_file_is_refused_and_stores_nothing(workspace, tmp_path):
    empty = tmp_path / "empty.osm.pbf"
    empty.write_bytes(b"")
    ended = run_inside("import", "osm", empty, "--json", directory=workspace, check=False)
    assert ended.returncode == 3
    assert "empty.osm.pbf" in ended.stderr
    listed = run_inside("import", "list", "--json", directory=workspace)
    assert json.loads(listed.stdout)["imports"] == []


def test_unreachable_database_ends_with_five_and_no_password(workspace):
    url = "postgresql+psycopg://someone:secret@127.0.0.1:9/none"
    ended = run_command(
        "build", "--json", directory=workspace, env={"SAFE_REGION_DATABASE_URL": url}, check=False
    )
    assert ended.returncode == 5
    assert json.loads(ended.stdout)["error"]["code"] == "database_unreachable"
    assert "secret" not in ended.stdout + ended.stderr


def test_taken_port_is_named(workspace):
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ended = run_command("serve", "--port", port, directory=workspace, check=False)
    assert ended.returncode == 1
    assert str(port) in ended.stderr


def test_address_that_others_reach_is_refused(workspace):
    ended = run_command("serve", "--host", "0.0.0.0", directory=workspace, check=False)
    assert ended.returncode == 2
    assert "this computer only" in ended.stderr
