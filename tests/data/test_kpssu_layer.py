"""The official layer is read whole and again for late entries; its service is stood in for here."""

import json
import threading
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest
from shapely.geometry import box

from data.database import open_database
from data.importers.kpssu_layer import (
    LayerService,
    fetch_pages,
    first_day_to_read,
    layer_service,
)
from data.importers.tabular import ReadOptions
from data.intake import take_layer
from data.schema_version import upgrade_database
from data.workspace import create_workspace, propose_region
from geo.errors import SafeRegionError, UsageError

PATH = "/arcgis/rest/services/X/crime/FeatureServer/1"
OUTLINE = box(51.2, 51.1, 51.6, 51.4)
FIRST = datetime(2025, 1, 1, 8, 0)


def stamped(moment):
    """Local wall time as the layer writes it: milliseconds as if it were universal time."""
    return round((moment - datetime(1970, 1, 1)).total_seconds() * 1000)


def record(number, registered):
    """One invented record: a theft an hour before it was registered, somewhere in Oral."""
    committed = registered - timedelta(hours=1)
    attributes = {
        "objectid": number,
        "crime_code": "1880",
        "stat": "ст.188 ч.3",
        "hard_code": "3",
        "transgression": "5",
        "ud": f"20{number:013d}",
        "dat_sover": stamped(committed),
        "dat_sover_str": f"{committed:%d.%m.%Y %H:%M}",
        "dat_vozb": stamped(registered),
        "dat_vozb_str": f"{registered:%d.%m.%Y}",
        "fe1r32p1": "Иные",
        "discontinued": 0,
        "globalid": f"{{{number:08d}}}",
    }
    at = {"x": 51.30 + number % 97 / 1000, "y": 51.20 + number % 89 / 1000}
    return {"attributes": attributes, "geometry": at}


@dataclass
class Layer:
    """A map service that answers at most `most` records at a time."""

    records: list
    most: int = 5000
    status: int = 200
    lost: int = 0
    asked: list = field(default_factory=list)
    url: str = ""

    def answer(self, query):
        self.asked.append(query)
        found = self.records
        condition = query["where"]
        if "dat_vozb >= DATE" in condition:
            day = stamped(datetime.fromisoformat(condition.rpartition("DATE '")[2].rstrip("'")))
            found = [row for row in found if row["attributes"]["dat_vozb"] >= day]
        if query.get("returnCountOnly") == "true":
            return {"count": len(found) + self.lost}
        start = int(query["resultOffset"])
        end = start + min(self.most, int(query["resultRecordCount"]))
        return {
            "spatialReference": {"wkid": 4326},
            "features": found[start:end],
            "exceededTransferLimit": end < len(found),
        }


@pytest.fixture
def layer():
    served = Layer([record(number, FIRST + timedelta(minutes=number)) for number in range(12_000)])

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            address = urlsplit(self.path)
            query = {key: values[0] for key, values in parse_qs(address.query).items()}
            known = address.path == f"{PATH}/query"
            body = json.dumps(served.answer(query) if known else {}).encode()
            self.send_response(served.status if known else 404)
            if served.status == 302:
                self.send_header("Location", "http://127.0.0.1:9/elsewhere")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    served.url = f"http://127.0.0.1:{server.server_port}{PATH}"
    yield served
    server.shutdown()
    thread.join()
    server.server_close()


def fetch(layer, folder, since=None):
    folder.mkdir(exist_ok=True)
    service = layer_service({"url": layer.url, "where": "city_code='1927'"})
    return fetch_pages(service, folder, since=since, progress=lambda text: None)


def numbers(pages):
    return [
        row["attributes"]["objectid"]
        for page in pages
        for row in json.loads(page.read_text())["features"]
    ]


def test_every_record_comes_through_in_pages(layer, tmp_path):
    pages = fetch(layer, tmp_path / "pages")
    assert [page.name for page in pages] == [f"page-000{n}.json" for n in (1, 2, 3)]
    assert numbers(pages) == list(range(12_000))
    assert all(query["where"] == "city_code='1927'" for query in layer.asked)


def test_a_service_that_gives_fewer_than_asked_loses_nothing(layer, tmp_path):
    layer.most = 2000
    assert numbers(fetch(layer, tmp_path / "pages")) == list(range(12_000))


def test_reading_again_reaches_two_days_behind_the_newest_registration(layer, tmp_path):
    newest = FIRST + timedelta(minutes=11_999)  # 9 January, 15:59
    assert first_day_to_read(newest) == date(2025, 1, 7)
    assert first_day_to_read(None) is None
    since_then = [n for n in range(12_000) if FIRST + timedelta(minutes=n) >= datetime(2025, 1, 7)]
    late = record(20_000, datetime(2025, 1, 8, 3))
    layer.records.append(late)
    pages = fetch(layer, tmp_path / "pages", first_day_to_read(newest))
    assert sorted(numbers(pages)) == [*since_then, 20_000]


def test_late_entries_are_added_to_what_is_stored(layer, tmp_path):
    workspace = create_workspace(tmp_path / "oral", propose_region("Oral", OUTLINE), OUTLINE)
    database = open_database(f"sqlite:///{tmp_path / 'oral' / 'safe_region.db'}")
    upgrade_database(database)
    mapping = tmp_path / "kpssu.yaml"
    mapping.write_text(f"{{source: kpssu, layer: {{url: '{layer.url}'}}}}", encoding="utf-8")

    def ask():
        options = ReadOptions(mapping=mapping)
        return take_layer(
            options, workspace=workspace, database=database, progress=lambda text: None
        )

    first = ask()
    assert (first.rows_read, first.accepted) == (12_000, 12_000)
    layer.records += [record(20_000 + n, datetime(2025, 1, 8, 3, n)) for n in range(7)]
    layer.records += [record(30_000, datetime(2025, 1, 1, 9))]  # entered more than two days late
    again = ask()
    assert (again.accepted, again.quarantined) == (7, 0)
    # One a minute from 1 January 08:00: 8 160 of them before 7 January, two days behind the last.
    assert again.rows_read == again.duplicate + 7 == 12_000 - 8_160 + 7
    database.close()


@pytest.mark.parametrize(
    ("fault", "code"),
    [({"status": 302}, "layer_unreachable"), ({"lost": 1}, "layer_incomplete")],
)
def test_a_service_that_leads_away_or_holds_back_is_refused(layer, tmp_path, fault, code):
    for name, value in fault.items():
        setattr(layer, name, value)
    with pytest.raises(SafeRegionError) as raised:
        fetch(layer, tmp_path / "pages")
    assert raised.value.code == code


def test_an_error_in_a_good_answer_is_an_error(layer, tmp_path):
    layer.answer = lambda query: {"error": {"code": 498, "message": "Invalid token"}}
    with pytest.raises(SafeRegionError, match="error 498"):
        fetch(layer, tmp_path / "pages")


@pytest.mark.bad_input("B36")
@pytest.mark.parametrize("url", ["", "file:///etc/passwd", "ftp://host/layer", "/vsicurl/x"])
def test_only_an_address_of_the_web_is_a_layer(url):
    with pytest.raises(UsageError, match="No layer is named"):
        layer_service({"url": url})


def test_the_address_of_a_layer_may_end_in_query():
    assert layer_service({"url": "https://host/x/query"}) == LayerService("https://host/x")
