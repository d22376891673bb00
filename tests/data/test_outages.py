"""Logs of outages, and what they do to the lamps and cameras of the register."""

from contextlib import contextmanager
from datetime import date, datetime

import pandas as pd
import pytest
from sqlalchemy import insert

from data.importers.cameras import read_cameras_file
from data.importers.lighting import read_lighting_file
from data.store.assets import (
    read_cameras,
    read_lamp_outages,
    read_lamp_register,
    read_lamps,
    save_cameras,
    save_lamps,
)
from data.store.outages import lay_outages, outages_over, read_outages, save_outages
from data.store.versions import Stamp
from data.tables import Import, table_of
from geo.coverage.lamp_times import lamp_times
from tests.data.asset_files import codes, counts, read

LOG = (
    "№ опоры,ШУНО,отключен с,восстановлен\n"
    "12,Ш-4,10.01.2025 18:20,12.01.2025 09:00\n"
    ",ш-7,11.01.2025 06:00,\n"
    "44,,2025-01-13,\n"
)


def test_an_outage_without_an_end_lasts_still(tmp_path):
    imported = read(read_lighting_file, LOG, tmp_path, date_order="dmy")
    frame = imported.frame.sort_values("source_row")
    assert imported.rows_are == "outages"
    assert imported.report.inferred["kind_of_file"].startswith("outage_log")
    assert frame["asset"].tolist() == ["lamp"] * 3
    assert frame["number"].tolist() == ["12", None, "44"]
    assert frame["feeder"].tolist() == ["Ш-4", "ш-7", None]
    assert frame["broken_to"].isna().tolist() == [False, True, True]
    assert (imported.report.covers_from, imported.report.covers_to) == (
        date(2025, 1, 10),
        date(2025, 1, 13),
    )


def test_a_log_with_addresses_is_no_list_of_poles(tmp_path):
    text = "№ опоры,адрес,дата отключения,дата включения\n12,Абая 5,2025-01-10,2025-01-12\n"
    assert read(read_lighting_file, text, tmp_path).rows_are == "outages"


def test_outages_that_cannot_be_are_put_aside(tmp_path):
    good = "".join(f"{n},,2025-01-0{n},\n" for n in range(1, 10))
    text = (
        "number,feeder,out since,out until\n" + good + "7,,2025-02-02,2025-02-01\n"
        ",,2025-02-02,\n8,,,2025-02-02\n9,,someday,\n"
    )
    imported = read(read_lighting_file, text, tmp_path, allowed_bad_share=0.5)
    assert codes(imported) == [
        (11, "out until", "broken_to_before_broken_from"),
        (12, "number", "asset_missing"),
        (13, "out since", "time_missing"),
        (14, "out since", "time_invalid"),
    ]
    assert counts(imported) == (13, 9, 4, 0)


def test_an_outage_that_has_ended_is_the_same_outage(tmp_path):
    first = read(read_lighting_file, LOG, tmp_path, date_order="dmy").frame
    later = LOG.replace("06:00,", "06:00,14.01.2025 10:00")
    again = read(read_lighting_file, later, tmp_path, date_order="dmy").frame
    assert first["identity"].equals(again["identity"])
    assert again["broken_to"].isna().sum() == 1


def test_cameras_have_outages_too(tmp_path):
    text = "номер камеры,не работает с,восстановлена\nК-1,2025-01-01,\n"
    imported = read(read_cameras_file, text, tmp_path)
    assert imported.rows_are == "outages"
    assert imported.frame["asset"].tolist() == ["camera"]


def assets(**columns):
    frame = pd.DataFrame({"broken_from": pd.NaT, "broken_to": pd.NaT, **columns})
    return frame.astype({"broken_from": "datetime64[us]", "broken_to": "datetime64[us]"})


def outage(**values):
    row = {"asset": "lamp", "number": None, "feeder": None, "street": None, "broken_to": pd.NaT}
    return row | values


def test_an_outage_hits_by_number_within_feeder_by_lone_number_and_by_feeder():
    lamps = assets(number=["1", "1", "№ 2", "3", "4"], feeder=["A", "B", "B", "C", "C"])
    since = datetime(2025, 1, 1)
    rows = [
        outage(number="1", feeder="a", broken_from=since),  # the first lamp
        outage(number="2", broken_from=since),  # the only lamp of that number
        outage(number="1", broken_from=datetime(2024, 1, 1)),  # two have it: neither is meant
        outage(feeder="C", broken_from=datetime(2025, 2, 1), broken_to=datetime(2025, 3, 1)),
        outage(number="4", broken_from=datetime(2025, 2, 5)),
    ]
    laid = lay_outages(lamps, pd.DataFrame(rows))
    assert laid["broken_from"].tolist() == [
        since, pd.NaT, since, datetime(2025, 2, 1), datetime(2025, 2, 1)
    ]  # fmt: skip
    # Of two outages of lamp 4 one has no end: it is out still.
    assert laid["broken_to"].tolist() == [
        pd.NaT, pd.NaT, pd.NaT, datetime(2025, 3, 1), pd.NaT
    ]  # fmt: skip
    assert lamps["broken_from"].isna().all()


def test_what_the_register_says_is_broken_stays_so():
    lamps = assets(number=["1"]).assign(broken_from=[datetime(2024, 5, 1)])
    lamps["broken_from"] = lamps["broken_from"].astype("datetime64[us]")
    rows = [outage(number="1", broken_from=datetime(2025, 1, 1), broken_to=datetime(2025, 2, 1))]
    laid = lay_outages(lamps, pd.DataFrame(rows))
    assert laid["broken_from"].tolist() == [datetime(2024, 5, 1)]
    assert laid["broken_to"].isna().all()


@pytest.mark.parametrize(
    ("as_of", "over"),
    [
        (date(2025, 1, 9), []),
        (date(2025, 1, 10), [0]),
        (date(2025, 1, 11), [0, 1]),
        (date(2025, 1, 12), [1]),
        (None, [1]),
    ],
)
def test_an_outage_is_over_the_days_at_whose_end_it_lasts(as_of, over):
    rows = [
        outage(broken_from=datetime(2025, 1, 10, 18), broken_to=datetime(2025, 1, 12, 9)),
        outage(broken_from=datetime(2025, 1, 11, 6)),
    ]
    assert outages_over(pd.DataFrame(rows), "lamp", as_of).index.tolist() == over


def test_an_outage_that_ends_with_the_day_lasts_over_it():
    # As `lamp_times` has it: a repair counts from the moment after.
    rows = [outage(broken_from=datetime(2025, 1, 10), broken_to=datetime(2025, 1, 12))]
    assert len(outages_over(pd.DataFrame(rows), "lamp", date(2025, 1, 11))) == 1


LAMPS = (
    "lat,lon,номер опоры,шуно,состояние\n"
    "51.221,51.362,12,Ш-4,горит\n"
    "51.222,51.363,1,Ш-7,\n"
    "51.223,51.364,2,Ш-7,план\n"
)


def test_lamps_under_an_outage_are_dark_in_the_model(tmp_path, writing):
    lamps = read(read_lighting_file, LAMPS, tmp_path)
    log = read(read_lighting_file, LOG, tmp_path, date_order="dmy")
    with writing() as (connection, stamp):
        save_lamps(connection, lamps.blocks, stamp)
        save_outages(connection, log.blocks, stamp)
        assert len(read_outages(connection)) == 3
        standing = read_lamps(connection, as_of=date(2025, 1, 11))
        assert len(read_lamp_register(connection)) == 3  # the planned one too
    assert len(standing) == 2
    times = lamp_times(standing, date(2025, 1, 11), 365)
    assert not times.working_now.any()
    assert not times.unknown_now.any()  # an outage is known, whatever the lamp's own state


def test_a_camera_bears_its_open_outage(tmp_path, writing):
    text = "номер камеры,lat,lon,тип\nК-1,51.221,51.362,обзорная\nК-2,51.222,51.363,подъезд\n"
    log = "номер камеры,не работает с,восстановлена\nк-1,2025-01-01,\n"
    with writing() as (connection, stamp):
        save_cameras(connection, read(read_cameras_file, text, tmp_path).blocks, stamp)
        save_outages(connection, read(read_cameras_file, log, tmp_path).blocks, stamp)
        cameras = read_cameras(connection).set_index("number")
    assert cameras["broken_from"].notna().to_dict() == {"К-1": True, "К-2": False}
    assert cameras["kind"].to_dict() == {"К-1": "overview", "К-2": "entrance"}


@pytest.fixture
def writing(database):
    """Open a transaction with an import to hang rows on."""

    @contextmanager
    def opened():
        now = datetime(2025, 1, 20)
        with database.writing() as connection:
            line = insert(table_of(Import)).values(
                noun="lighting", source="s", file_name="f", file_sha256="0" * 64, imported_at=now,
                rows_read=0, accepted=0, quarantined=0, duplicate=0, inferred={}, reasons={},
                findings={}, warnings=[], mapping={},
            )  # fmt: skip
            key = connection.execute(line).inserted_primary_key[0]
            yield connection, Stamp(key, now)

    return opened


def test_outages_that_are_over_are_read_by_lamp(tmp_path, writing):
    lamps = read(read_lighting_file, LAMPS, tmp_path)
    log = LOG + "12,Ш-4,03.01.2025 18:00,05.01.2025 06:00\n,ш-7,05.01.2025,06.01.2025\n"
    log = read(read_lighting_file, log, tmp_path, date_order="dmy")
    with writing() as (connection, stamp):
        save_lamps(connection, lamps.blocks, stamp)
        save_outages(connection, log.blocks, stamp)
        register = read_lamp_register(connection).set_index("lamp_id")["number"]
        over = {
            day: read_lamp_outages(connection, as_of=day)
            for day in (date(2025, 1, 4), date(2025, 1, 11), date(2025, 1, 12), None)
        }

    def told(frame):
        names = frame["lamp_id"].map(register)
        return sorted(zip(names, frame["broken_from"], frame["broken_to"], strict=True))

    early = ("12", datetime(2025, 1, 3, 18), datetime(2025, 1, 5, 6))
    feeder = [(n, datetime(2025, 1, 5), datetime(2025, 1, 6)) for n in ("1", "2")]
    late = ("12", datetime(2025, 1, 10, 18, 20), datetime(2025, 1, 12, 9))
    assert told(over[date(2025, 1, 4)]) == []  # on the fourth it lasts still
    assert told(over[date(2025, 1, 11)]) == sorted([early, *feeder])
    assert told(over[date(2025, 1, 12)]) == told(over[None]) == sorted([early, late, *feeder])
