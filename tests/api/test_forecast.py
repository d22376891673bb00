"""The forecast check over HTTP: the same numbers as JSON and as page, and a job that makes it."""

import datetime as dt
import re
import shutil
import threading

import pytest

from api.dependencies import Published
from api.job_loop import JobLoop
from api.opening import opened_workspace
from api.routers.pages import forecast_lost
from data.schedule import Schedule, due_jobs
from data.store.forecast_checks import ForecastCheck, save_forecast_check
from maps.job_texts import stage_text
from tests.api.test_imports_page import PROGRAM, client_of, token_of
from tests.api.test_jobs import town
from tests.forecast_results import MEMBERS, forecast_check

__all__ = ["town"]

ROLES = ("prosecutor", "planner", "dispatcher", "public")
MOMENT = dt.datetime(2026, 10, 1, 3, 4, 5)


def kept(database, word="use"):
    told = forecast_check(word)
    check_id = told.pop("check_id")
    with database.writing() as connection:
        save_forecast_check(connection, ForecastCheck(check_id, MOMENT, MOMENT.date(), told))


@pytest.fixture
def client(town):
    with client_of(town[0]) as client:
        yield client


def per_cents(html):
    table = html.split("sr-hits")[1].split("</table>")[0]
    return {float(number) for number in re.findall(r"([\d.]+) %", table.split("<tbody", 1)[1])}


@pytest.mark.parametrize("role", ROLES)
def test_numbers_of_the_page_are_those_of_the_json(town, client, role):
    kept(town[1])
    told = client.get("/forecast", params={"role": role}).json()
    html = client.get(f"/en/{role}/forecast").text
    digits = 0 if role == "public" else 1
    groups = [told["pooled"]["models"], *(one["models"] for one in told.get("quarters", ()))]
    expected = {
        round(100 * models[name][hit], digits)
        for models in groups
        for name in ("safe_region", told["pooled"]["verdict"]["best_baseline"])
        for hit in ("hit1", "hit5", "hit10")
    }
    assert per_cents(html) == expected
    assert told["check_id"] in html
    assert told["pooled"]["verdict"]["word"] in html
    assert (MEMBERS[19] in html) == (role == "prosecutor")


def test_lower_roles_get_no_byte_of_what_is_not_theirs(town, client):
    kept(town[1])
    hidden = {
        "planner": (MEMBERS[0], MEMBERS[19], '"groups":', "base_up"),
        "dispatcher": (MEMBERS[0], MEMBERS[19], '"groups":', '"fitted"'),
        "public": (*MEMBERS, "2025Q4", "calibration", "fedcba9876543210", "abababab", "0.872"),
    }
    whole = client.get("/forecast").text
    for role, secrets in hidden.items():
        told = client.get("/forecast", params={"role": role}).text
        page = client.get(f"/en/{role}/forecast").text.replace("sr-calibration", "")
        for secret in secrets:
            assert secret in whole
            assert secret not in told + page, (role, secret)


@pytest.mark.parametrize("word", ["use", "do_not_use", "too_few"])
def test_verdict_stands_on_the_page_in_every_language(town, client, word):
    kept(town[1], word)
    said = {"use": "Болжамды пайдалануға болады", "do_not_use": "Бұл болжамды пайдаланбаңыз",
            "too_few": "Қорытынды жасауға құқық бұзушылық тым аз"}  # fmt: skip
    assert said[word] in client.get("/kk/public/forecast").text
    for lang in ("kk", "ru", "en"):
        assert f"sr-verdict-{word}" in client.get(f"/{lang}/prosecutor/forecast").text


def test_before_the_first_check_the_json_is_missing_and_the_page_says_so(client):
    told = client.get("/forecast")
    assert (told.status_code, told.json()["title"]) == (404, "not_checked")
    page = client.get("/ru/prosecutor/forecast")
    assert page.status_code == 200
    assert "Ещё не проверялся" in page.text
    assert client.get("/ru/public/forecast").status_code == 200


def test_addresses_lead_to_the_page_and_unknown_ones_are_refused(client):
    led = client.get("/kk/forecast", follow_redirects=False)
    assert (led.status_code, led.headers["location"]) == (307, "/kk/public/forecast")
    page = {"accept": "text/html"}
    led = client.get("/forecast", headers=page, follow_redirects=False)
    assert led.headers["location"] == "/kk/forecast"
    assert 'href="/kk/forecast"' in client.get("/kk").text
    assert client.get("/kk/mayor/forecast").status_code == 422
    assert client.get("/de/public/forecast").status_code == 422
    assert client.get("/forecast", params={"role": "clerk"}).status_code == 422


def test_page_keeps_a_strict_policy_and_forms_only_where_there_is_one(town, client):
    kept(town[1])
    for role, form in (("prosecutor", "'self'"), ("public", "'none'")):
        policy = client.get(f"/kk/{role}/forecast").headers["content-security-policy"]
        assert f"form-action {form}" in policy
        assert "script-src 'self';" in policy
        assert "unsafe" not in policy


# The job ----------------------------------------------------------------------------------


def test_button_asks_for_one_check_and_shows_that_it_is_under_way(client):
    token = token_of(client, "/kk/prosecutor/forecast")
    asked = client.post("/kk/clerk/forecast", data={"form_token": token}, follow_redirects=False)
    assert asked.status_code == 303
    job = asked.headers["location"].rpartition("/")[2]
    again = client.post("/kk/clerk/forecast", data={"form_token": token}, follow_redirects=False)
    assert again.headers["location"] == asked.headers["location"]
    page = client.get("/kk/prosecutor/forecast").text
    assert f'href="/kk/clerk/jobs/{job}"' in page
    assert "<form" not in page
    assert "Болжамды тексеру" in client.get(f"/kk/clerk/jobs/{job}").text
    assert client.get(f"/jobs/{job}").json()["kind"] == "forecast"


@pytest.mark.parametrize(
    ("data", "headers"),
    [
        ({"other": "1"}, {}),
        ({"form_token": "0" * 32}, {}),
        (None, {"Sec-Fetch-Site": "cross-site"}),
        (None, {"Origin": "https://example.org"}),
    ],
)
def test_foreign_page_can_start_no_check(client, data, headers):
    token = token_of(client, "/kk/prosecutor/forecast")
    data = {"form_token": token} if data is None else data
    answer = client.post("/kk/clerk/forecast", data=data, headers=headers)
    assert answer.status_code == 403
    assert client.get("/jobs").json()["jobs"] == []


def test_program_asks_with_its_header_only(client):
    assert client.post("/jobs/forecast").status_code == 403
    asked = client.post("/jobs/forecast", headers=PROGRAM)
    assert asked.status_code == 202
    assert asked.json()["kind"] == "forecast"
    assert client.post("/jobs/forecast", headers=PROGRAM).json() == asked.json()


def test_job_that_finds_nothing_to_check_says_why(town, client):
    job = client.post("/jobs/forecast", headers=PROGRAM).json()["job_id"]
    assert JobLoop(*town).run(threading.Event(), once=True) == 1
    told = client.get(f"/jobs/{job}").json()
    assert (told["state"], told["error"]["code"]) == ("failed", "no_map")
    assert "көше картасы" in client.get(f"/kk/clerk/jobs/{job}").text


def test_job_checks_the_town_and_fills_the_page(demo_workspace, tmp_path):
    shutil.copytree(demo_workspace, tmp_path / "town")
    workspace, database = opened_workspace(tmp_path / "town")
    with database.writing() as connection:
        connection.exec_driver_sql("DELETE FROM forecast_checks")
    with client_of(workspace) as client:
        job = client.post("/jobs/forecast", headers=PROGRAM).json()["job_id"]
        assert JobLoop(workspace, database).run(threading.Event(), once=True) == 1
        done = client.get(f"/jobs/{job}").json()
        assert (done["state"], done["error"]) == ("done", None)
        assert done["stage_text"] == stage_text("other weights", "kk")
        told = client.get("/forecast").json()
        assert done["result"] == {
            "check_id": told["check_id"], "verdict": told["pooled"]["verdict"],
        }  # fmt: skip
        assert told["run_id"] == client.get("/runs/current").json()["run_id"]
        page = client.get("/kk/prosecutor/forecast")
        assert f"sr-verdict-{told['pooled']['verdict']['word']}" in page.text
        assert per_cents(client.get("/en/prosecutor/forecast").text)
        assert len(page.content) <= 20_000
        assert 'href="/kk/prosecutor/forecast"' in client.get(f"/kk/clerk/jobs/{job}").text
    database.close()


# The schedule -----------------------------------------------------------------------------


def due(text, every):
    schedule = Schedule(build="03:00", forecast=every)
    found = due_jobs(schedule, "Asia/Oral", dt.datetime.fromisoformat(text))
    assert [one.kind for one in found] == ["build", "forecast"]
    return found[1].request["slot"]


@pytest.mark.parametrize(
    ("moment", "monthly", "quarterly"),
    [
        ("2026-10-31T23:00:00+05:00", "2026-10-01T03:00", "2026-10-01T03:00"),
        ("2026-11-01T02:59:00+05:00", "2026-10-01T03:00", "2026-10-01T03:00"),
        ("2026-11-01T03:00:00+05:00", "2026-11-01T03:00", "2026-10-01T03:00"),
        ("2027-01-01T02:00:00+05:00", "2026-12-01T03:00", "2026-10-01T03:00"),
        ("2027-03-31T12:00:00+05:00", "2027-03-01T03:00", "2027-01-01T03:00"),
    ],
)
def test_check_belongs_to_the_first_night_of_its_month_or_quarter(moment, monthly, quarterly):
    assert due(moment, "monthly") == monthly
    assert due(moment, "quarterly") == quarterly


def test_slot_of_the_check_is_the_same_all_month_and_another_next_month():
    schedule = Schedule(build="03:00", forecast="monthly")

    def check_id(day):
        when = dt.datetime.fromisoformat(f"{day}T12:00:00+05:00")
        return due_jobs(schedule, "Asia/Oral", when)[1].job_id

    assert check_id("2026-10-02") == check_id("2026-10-31") != check_id("2026-11-01")


def test_schedule_without_a_word_on_it_makes_no_check():
    now = dt.datetime(2026, 10, 2, tzinfo=dt.UTC)
    assert [one.kind for one in due_jobs(Schedule(build="03:00"), "Asia/Oral", now)] == ["build"]
    with pytest.raises(ValueError, match="monthly"):
        Schedule(build="03:00", forecast="weekly")


@pytest.mark.parametrize(("word", "lost"), [("use", False), ("do_not_use", True), (None, False)])
def test_map_knows_whether_its_forecast_lost(town, word, lost):
    if word:
        kept(town[1], word)

    assert forecast_lost(Published(*town)) is lost
