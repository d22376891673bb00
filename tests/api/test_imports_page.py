"""The clerk's doors: what is taken, from whom, in which form, and what a page shows of it."""

import io
import json
import re
import threading
import warnings
import zipfile
from contextlib import contextmanager

import pytest

from api.app import create_app
from api.job_loop import JobLoop
from api.settings import ServiceSettings
from data.importers.mapping import read_mapping
from tests.api.test_jobs import incident_file, made_town, town

__all__ = ["town"]

PROGRAM = {"Safe-Region-Request": "1"}
HOSTILE = ("<img src=x onerror=alert(1)>", "</script><script>alert(1)</script>", "{{7*7}}",
           "${alert(1)}", "{% raw %}", "`", "javascript:alert(1)")  # fmt: skip


@contextmanager
def client_of(workspace):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Starlette would rather have another client
        from starlette.testclient import TestClient
    settings = ServiceSettings(dir=workspace.path, upload_limit_mib=1)
    with TestClient(create_app(settings), base_url="http://localhost:8000") as client:
        yield client


@pytest.fixture
def service(town):
    """A client of the application, and a way to let the jobs that wait be done."""
    workspace, database = town
    with client_of(workspace) as client:
        yield client, lambda: JobLoop(workspace, database).run(threading.Event(), once=True)


@pytest.fixture(scope="module")
def quiet_client(tmp_path_factory):
    """A client for requests that change nothing."""
    workspace, database = made_town(tmp_path_factory.mktemp("quiet") / "town")
    with client_of(workspace) as client:
        yield client
    database.close()


@pytest.fixture
def quiet(quiet_client):
    """The client for requests that change nothing, without what its browser kept."""
    quiet_client.cookies.clear()
    return quiet_client, None


def content_for(service, rows=40):
    published = service[0].app.state.published
    return incident_file(published.workspace, rows)


def sent(client, content, name="тізім.csv", headers=PROGRAM, **fields):
    fields = {"noun": "incidents", **fields}
    return client.post("/imports", data=fields, files={"file": (name, content)}, headers=headers)


def token_of(client, path="/kk/clerk"):
    return re.search(r'name="form_token" value="([0-9a-f]{32})"', client.get(path).text)[1]


def test_program_sends_looks_imports_and_withdraws(service):
    client, work = service
    content = content_for(service)
    look = sent(client, content, look="1")
    assert look.status_code == 202
    assert look.headers["location"] == f"/jobs/{look.json()['job_id']}"
    told = sent(client, content).json()
    assert (told["state"], told["request"]["label"]) == ("queued", "тізім.csv")
    assert work() == 2

    seen = client.get(look.headers["location"]).json()
    assert seen["result"]["rows_read"] == 40
    assert seen["result"]["heads"] == ["күні", "ендік", "бойлық", "бап"]
    done = client.get(f"/jobs/{told['job_id']}", params={"lang": "ru"}).json()
    assert (done["state"], done["state_text"]) == ("done", "готово")
    (line,) = client.get("/imports").json()["imports"]
    assert done["result"]["import_ids"] == [line["import_id"]]
    assert (line["file_name"], line["accepted"]) == ("тізім.csv", 40)
    assert client.get(f"/imports/{line['import_id']}").json()["refused_rows"] == []

    withdrawn = client.post(f"/imports/{line['import_id']}/withdraw", headers=PROGRAM)
    assert withdrawn.json()["withdrawn"] == 40
    assert client.get("/imports").json()["imports"][0]["withdrawn_at"]
    again = client.post(f"/imports/{line['import_id']}/withdraw", headers=PROGRAM)
    assert again.status_code == 422


def test_report_is_taken_away_under_a_name_that_nobody_outside_chose(service):
    client, work = service
    sent(client, content_for(service), name='a"; filename=evil.exe\r\nX: y.csv')
    work()
    (line,) = client.get("/imports").json()["imports"]
    report = client.get(f"/imports/{line['import_id']}/report.xlsx?lang=kk")
    assert report.headers["content-disposition"] == 'attachment; filename="import-report.xlsx"'
    assert "xl/workbook.xml" in zipfile.ZipFile(io.BytesIO(report.content)).namelist()
    as_json = client.get(f"/imports/{line['import_id']}/report.json")
    assert as_json.headers["content-disposition"] == 'attachment; filename="import-report.json"'
    assert as_json.json()["rows_read"] == 40


# -------------------------------------------------------------------------------------------


@pytest.mark.bad_input("B55")
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Sec-Fetch-Site": "cross-site", **PROGRAM},
        {"Sec-Fetch-Site": "same-site", **PROGRAM},
        {"Origin": "https://evil.example", **PROGRAM},
        {"Origin": "http://localhost:9000", **PROGRAM},
        {"Origin": "null", **PROGRAM},
    ],
)
@pytest.mark.parametrize("path", ["/imports", "/imports/1/withdraw", "/jobs/build",
                                  f"/jobs/{'0' * 32}/cancel", "/imports/unplaced"])  # fmt: skip
def test_change_from_elsewhere_is_refused(quiet, path, headers):
    client, _ = quiet
    refused = client.post(path, headers=headers)
    assert refused.status_code == 403
    assert refused.headers["content-type"] == "application/problem+json"
    assert client.get("/jobs").json() == {"jobs": []}


@pytest.mark.bad_input("B55")
@pytest.mark.parametrize("path", ["build", "files", f"jobs/{'0' * 32}/cancel", "imports/1/withdraw",
                                  "unplaced", f"jobs/{'0' * 32}/next"])  # fmt: skip
def test_form_without_this_browsers_token_is_refused(quiet, path):
    client, _ = quiet
    token = token_of(client)
    kind = "files" if path == "files" else "data"
    for given in ({"form_token": "0" * 32}, {"form_token": ""}, {}):
        body = (
            {"data": {**given, "noun": "incidents"}, "files": {"file": ("a.csv", b"a;b\n1;2\n")}}
            if kind == "files"
            else {"data": {**given, "x": "y"}}
        )
        refused = client.post(f"/kk/clerk/{path}", **body)
        assert refused.status_code == 403, given
        assert "text/html" in refused.headers["content-type"]
    client.cookies.clear()
    stolen = client.post("/kk/clerk/build", data={"form_token": token})
    assert stolen.status_code == 403
    foreign = client.post(
        "/kk/clerk/build", data={"form_token": token}, headers={"Sec-Fetch-Site": "cross-site"}
    )
    assert foreign.status_code == 403
    assert client.get("/jobs").json() == {"jobs": []}


@pytest.mark.bad_input("B55")
def test_looking_changes_nothing_and_the_cookie_stays_here(quiet):
    client, _ = quiet
    cookie = client.get("/kk/clerk").headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "samesite=strict" in cookie.lower()
    for path in ("/jobs/build", f"/jobs/{'0' * 32}/cancel", "/imports/1/withdraw"):
        assert client.get(path).status_code in {404, 405}
    assert client.get("/jobs").json() == {"jobs": []}


@pytest.mark.bad_input("B22")
def test_upload_over_the_limit_is_refused_whatever_its_length_says(quiet):
    client, _ = quiet
    folder = client.app.state.published.workspace.path / "uploads"
    large = b"a;b\n" + b"1;2\n" * 400_000
    assert sent(client, large).status_code == 413

    boundary = "x" * 20
    head = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="noun"\r\n\r\nincidents\r\n'
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'
    ).encode()
    read = 0

    def endless():
        nonlocal read
        yield head
        for _ in range(1000):
            read += 1 << 16
            yield b"x" * (1 << 16)

    kind = {"Content-Type": f"multipart/form-data; boundary={boundary}", **PROGRAM}
    answer = client.post("/imports", content=endless(), headers=kind)
    assert answer.status_code == 413
    assert list(folder.iterdir()) == []
    assert client.get("/jobs").json() == {"jobs": []}


@pytest.mark.bad_input("B22", "B23")
@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"a;b\n", "text/csv", 415),
        (b"{}", "application/json", 415),
        (b"a=b", "application/x-www-form-urlencoded", 415),
        (b"--x\r\n", "multipart/form-data", 415),
        (b"no form at all", "multipart/form-data; boundary=x", 400),
        (b'--x\r\nContent-Disposition: form-data; name="noun"\r\n\r\ninci',
         "multipart/form-data; boundary=x", 400),
        (b"--x--\r\n", "multipart/form-data; boundary=x", 422),
        (b"", "multipart/form-data; boundary=" + "x" * 400, 400),
    ],
)  # fmt: skip
def test_body_of_another_kind_is_refused(quiet, body, kind, status):
    client, _ = quiet
    answer = client.post("/imports", content=body, headers={"Content-Type": kind, **PROGRAM})
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.bad_input("B36")
@pytest.mark.parametrize(
    ("fields", "name", "content"),
    [
        ({"noun": "people"}, "a.csv", b"a;b\n1;2\n"),
        ({}, "page.html", b"<html>"),
        ({}, "a.csv", b""),
        ({"noun": "http://169.254.169.254/"}, "a.csv", b"a;b\n"),
    ],
)
def test_upload_that_cannot_be_meant_is_refused_and_leaves_nothing(quiet, fields, name, content):
    client, _ = quiet
    answer = sent(client, content, name=name, **fields)
    assert answer.status_code == 422
    assert len(answer.content) < 2048
    uploads = client.app.state.published.workspace.path / "uploads"
    assert not uploads.exists() or list(uploads.iterdir()) == []


@pytest.mark.parametrize("path", ["/jobs/{}", "/imports/{}", "/imports/{}/report.xlsx",
                                  "/kk/clerk/jobs/{}", "/kk/clerk/imports/{}"])  # fmt: skip
@pytest.mark.parametrize("name", ["0" * 32, "A" * 32, "0" * 31, "..%2f..", "-1", "0", "9" * 30])
def test_what_is_not_there_is_not_found(quiet, path, name):
    assert quiet[0].get(path.format(name)).status_code == 404


@pytest.mark.bad_input("B20")
@pytest.mark.parametrize(
    "body",
    ['{"identity": "%s", "lat": "51", "lon": 51.0}', '{"identity": "%s", "lat": true, "lon": 1.0}',
     '{"identity": "%s", "lat": 91.0, "lon": 51.0}', '{"identity": "%s", "lat": 5.0}', "[", "",
     '{"identity": "%s", "lat": NaN, "lon": 1.0}',
     '{"identity": "%s", "lat": 5.0, "lon": 1.0, "import_id": 2}'],
)  # fmt: skip
def test_pin_is_a_row_and_two_numbers(quiet, body):
    client, _ = quiet
    content = body.replace("%s", "0" * 32)
    headers = {"Content-Type": "application/json", **PROGRAM}
    assert client.post("/imports/unplaced", content=content, headers=headers).status_code == 422
    kind = {"Content-Type": "text/plain", **PROGRAM}
    assert client.post("/imports/unplaced", content=content, headers=kind).status_code == 415


# -------------------------------------------------------------------------------------------


def test_browser_is_led_from_the_short_addresses_to_pages(quiet):
    client, _ = quiet
    for path, page in (("/imports", "/ru/clerk"), ("/jobs", "/ru/clerk"),
                       ("/imports/unplaced", "/ru/clerk/unplaced")):  # fmt: skip
        headers = {"Accept": "text/html", "Accept-Language": "ru-RU,ru;q=0.9"}
        answer = client.get(path, headers=headers, follow_redirects=False)
        assert answer.headers["location"] == page


@pytest.mark.parametrize("lang", ["kk"])
def test_clerk_walks_from_file_to_report_and_back_without_a_script(service, lang):
    client, work = service
    home = f"/{lang}/clerk"
    content = content_for(service).replace("ендік".encode(), "бірінші".encode())
    token = token_of(client, home)
    look = client.post(
        f"{home}/files",
        data={"form_token": token, "noun": "incidents"},
        files={"file": ("тізім.csv", content)},
    )
    assert look.status_code == 200
    assert "http-equiv" in look.text
    work()
    refused = client.get(look.url)
    assert refused.status_code == 200
    assert 'role="alert"' in refused.text

    heads = re.findall(r'<option value="(\d+)"[^>]*>([^<]+)</option>', refused.text)
    number = next(value for value, head in heads if head == "бірінші")
    chosen = dict(re.findall(
        r'name="(column\.\w+)">\s*<option value="">[^<]*</option>'
        r'(?:\s*<option value="\d+">[^<]*</option>)*\s*<option value="(\d+)" selected', refused.text
    ))  # fmt: skip
    form = {"form_token": token, **chosen, "column.lat": number}
    again = client.post(f"{refused.url.path}/next", data={**form, "do": "look"})
    work()
    seen = client.get(again.url)
    assert 'role="alert"' not in seen.text
    assert "2026-01-01" in seen.text

    changed = client.post(
        f"{seen.url.path}/next", data={**form, "crs": "EPSG:3857", "do": "import"}
    )
    assert changed.url.query == b"changed=1"
    assert client.get("/imports").json()["imports"] == []
    work()

    shown = dict(re.findall(r'<input name="(\w+)"[^>]* value="([^"]*)"', seen.text))
    order = re.search(r'<option value="(\w+)" selected', seen.text.split('name="date_order"')[1])
    form |= shown | {"date_order": order[1] if order else ""}
    kept = {"source": "kui", "keep_mapping": "1"}
    named = client.post(f"{seen.url.path}/next", data={**form, **kept, "do": "look"})
    work()
    importing = client.post(f"{named.url.path}/next", data={**form, **kept, "do": "import"})
    work()
    report = client.get(importing.url)
    assert report.url.path.startswith(f"{home}/imports/")
    assert "тізім.csv" in report.text
    assert client.get("/imports").json()["imports"][0]["accepted"] == 40
    folder = client.app.state.published.workspace.path
    mapping = folder / "mappings" / "kui.yaml"
    assert read_mapping(mapping).columns["lat"] == "бірінші"

    asked = client.get(f"{report.url.path}/withdraw")
    assert client.get("/imports").json()["imports"][0]["withdrawn_at"] is None
    taken_back = client.post(asked.url.path, data={"form_token": token})
    assert taken_back.url.path == report.url.path
    assert client.get("/imports").json()["imports"][0]["withdrawn_at"]


@pytest.mark.bad_input("B47", "B51")
def test_words_of_a_hostile_file_are_shown_as_text(service):
    client, work = service
    heads = ";".join(['"' + word.replace('"', "") + '"' for word in HOSTILE])
    rows = "\n".join(";".join(HOSTILE) for _ in range(5))
    token = token_of(client)
    look = client.post(
        "/kk/clerk/files",
        data={"form_token": token, "noun": "incidents"},
        files={"file": ("<img src=x onerror=alert(1)>{{7*7}}.csv", f"{heads}\n{rows}".encode())},
    )
    work()
    for page in (client.get(look.url), client.get("/kk/clerk")):
        assert page.status_code == 200
        assert "<img src=x" not in page.text
        assert "<script>alert" not in page.text
        assert "49" not in re.sub(r"[0-9a-f]{32}|\?v=\w+|\d\d:49", "", page.text)
        policy = page.headers["content-security-policy"]
        assert "script-src 'self';" in policy
        assert "form-action 'self'" in policy
        assert page.headers["cache-control"] == "no-store"


def test_personal_data_is_refused_and_shown_nowhere(service):
    client, work = service
    rows = "\n".join(f"0{day}.01.2026;51.2;51.3;Иванов Иван Иванович" for day in range(1, 9))
    token = token_of(client)
    look = client.post(
        "/ru/clerk/files",
        data={"form_token": token, "noun": "incidents"},
        files={"file": ("a.csv", f"күні;ендік;бойлық;ФИО\n{rows}".encode())},
    )
    work()
    page = client.get(look.url).text
    assert "Иванов" not in page
    assert "Иванов" not in json.dumps(client.get("/jobs").json(), ensure_ascii=False)


@pytest.mark.parametrize("lang", ["kk", "ru", "en"])
def test_pages_are_whole_without_a_published_map(quiet, lang):
    client, _ = quiet
    for path in ("", "/unplaced"):
        page = client.get(f"/{lang}/clerk{path}")
        assert page.status_code == 200
        assert f'<html lang="{lang}"' in page.text
        ids = re.findall(r' id="([^"]+)"', page.text)
        assert len(ids) == len(set(ids))
        assert not re.search(r'(src|href|action)="(https?:)?//', page.text)
    missing = client.get(f"/{lang}/clerk/jobs/{'0' * 32}")
    assert missing.status_code == 404
    assert "text/html" in missing.headers["content-type"]


def test_running_job_is_cancelled_from_its_page(service):
    client, work = service
    token = token_of(client)
    page = client.post("/kk/clerk/build", data={"form_token": token})
    stopped = client.post(f"{page.url.path}/cancel", data={"form_token": token})
    assert "тоқтатылды" in stopped.text
    assert work() == 0


def test_row_without_a_place_gets_one_by_hand(service):
    client, work = service
    text = content_for(service).decode() + "\n05.03.2026;;;188"
    sent(client, text.encode())
    work()
    (row,) = client.get("/imports/unplaced").json()["rows"]
    token = token_of(client, "/kk/clerk/unplaced")
    form = {"form_token": token, "identity": row["identity"]}
    for lat, lon, status in (("жоқ", "51,38", 422), ("10", "10", 422), ("51,23", "51,38", 200)):
        answer = client.post("/kk/clerk/unplaced", data={**form, "lat": lat, "lon": lon})
        assert answer.status_code == status, lat
    assert client.get("/imports/unplaced").json()["rows"] == []
    pin = {"identity": row["identity"], "lat": 51.23, "lon": 51.38}
    assert client.post("/imports/unplaced", json=pin, headers=PROGRAM).status_code == 404
