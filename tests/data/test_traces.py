"""Traces of receivers: only where somebody stayed is kept, and every fix is counted once."""

from datetime import date, datetime, timedelta

import numpy as np
import pytest

from data.importers.patrols import read_patrols_file
from data.importers.stays import Track, find_stays, mark_bases, mark_jumps, nearest_stay
from data.store.assets import read_visits
from data.store.imports import ImportRecord, save_import
from geo.errors import InputRefusedError
from tests.data.asset_files import ORAL, codes, counts, read

BEGIN = datetime(2025, 1, 10, 8, 0)
UTC = "time_zone: UTC"


def at(metres_east=0.0, metres_north=0.0):
    """Return the latitude and longitude so far from a point of the town."""
    x, y = ORAL.to_metric(51.23, 51.38)
    lat, lon = ORAL.to_degrees(x + metres_east, y + metres_north)
    return float(lat[0]), float(lon[0])


def fixes(unit, begin, place, minutes, every_s=30):
    """Return lines of a receiver that stands at a place."""
    count = int(minutes * 60 / every_s) + 1
    lat, lon = at(*place)
    moments = [begin + timedelta(seconds=every_s * n) for n in range(count)]
    return [f"{unit},{moment:%Y-%m-%d %H:%M:%S},{lat:.6f},{lon:.6f}" for moment in moments]


def drive(unit, begin, start, end, minutes, every_s=30):
    """Return lines of a receiver on its way, without the ends."""
    count = int(minutes * 60 / every_s)
    lines = []
    for n in range(1, count):
        share = n / count
        lat, lon = at(*(a + share * (b - a) for a, b in zip(start, end, strict=True)))
        moment = begin + timedelta(seconds=every_s * n)
        lines.append(f"{unit},{moment:%Y-%m-%d %H:%M:%S},{lat:.6f},{lon:.6f}")
    return lines


def trace(*lines):
    return "\n".join(["unit,time,lat,lon", *(line for part in lines for line in part)])


SHIFT = (
    fixes("A", BEGIN, (0, 0), 5),  # 11 fixes, 5 minutes
    drive("A", BEGIN + timedelta(minutes=5), (0, 0), (3000, 0), 10),  # 19 fixes
    fixes("A", BEGIN + timedelta(minutes=15), (3000, 0), 10),  # 21 fixes, 10 minutes
)


def test_stays_become_visits_and_every_fix_is_counted(tmp_path):
    imported = read(read_patrols_file, trace(*SHIFT), tmp_path, mapping=UTC)
    frame = imported.frame.sort_values("arrived_at")
    # 08:00 UTC is 13:00 in Oral (UTC+5).
    assert frame["arrived_at"].tolist() == [
        datetime(2025, 1, 10, 13, 0),
        datetime(2025, 1, 10, 13, 15),
    ]
    assert frame["minutes"].tolist() == [5, 10]
    assert imported.rows_are == "patrol_visits"
    # Of the 19 fixes between, 9 are nearer in time to each stay; the tenth goes to the first.
    assert frame["rows"].tolist() == [11 + 10, 21 + 9]
    assert counts(imported) == (51, 51, 0, 0)
    assert imported.report.inferred["kind_of_file"].startswith("traces")
    assert (imported.report.covers_from, imported.report.covers_to) == (date(2025, 1, 10),) * 2


def test_nothing_of_a_unit_or_a_single_fix_is_kept(tmp_path):
    imported = read(read_patrols_file, trace(*SHIFT), tmp_path)
    assert set(imported.frame) == {
        "identity", "source_row", "kind", "arrived_at", "minutes", "lat", "lon", "rows",
    }  # fmt: skip
    shown = repr(imported.report.to_json())
    assert "'A'" not in shown
    assert "raw_sha256" not in imported.refused
    assert any(note.startswith("trace_clock: ") for note in imported.report.warnings)


def test_a_trace_in_another_order_gives_the_same_visits(tmp_path):
    head, *lines = trace(*SHIFT).splitlines()
    rng = np.random.default_rng(5)
    first = read(read_patrols_file, "\n".join([head, *lines]), tmp_path).frame
    mixed = read(read_patrols_file, "\n".join([head, *rng.permutation(lines)]), tmp_path).frame
    assert first.drop(columns="source_row").equals(mixed.drop(columns="source_row"))


def test_a_file_a_vehicle_gives_the_visits_of_one_file(tmp_path):
    other = fixes("B", BEGIN, (0, 2000), 4)
    whole = read(read_patrols_file, trace(*SHIFT, other), tmp_path).frame["identity"]
    parts = [
        read(read_patrols_file, trace(*part), tmp_path).frame["identity"]
        for part in (SHIFT, (other,))
    ]
    assert set(whole) == set(parts[0]) | set(parts[1])


def test_a_longer_trace_keeps_the_identity_of_its_visits(tmp_path):
    longer = [*SHIFT[:2], fixes("A", BEGIN + timedelta(minutes=15), (3000, 0), 20)]
    first = read(read_patrols_file, trace(*SHIFT), tmp_path).frame
    again = read(read_patrols_file, trace(*longer), tmp_path).frame
    assert set(first["identity"]) == set(again["identity"])
    assert sorted(again["minutes"]) == [5, 20]


def test_what_every_receiver_does_is_told_and_not_held_against_the_file(tmp_path):
    lat, lon = at(0, 0)
    noise = [
        "A,2025-01-10 08:01:10,0,0",  # no fix
        f"A,2025-01-10 08:01:00,{lat:.6f},{lon:.6f}",  # twice
        f"A,2025-01-10 08:02:00,{lat + 0.0001:.6f},{lon:.6f}",  # elsewhere at that moment
        f"A,2025-01-10 08:03:10,{lat + 0.1:.6f},{lon:.6f}",  # 11 km in ten seconds
        "B,2025-01-10 08:00:00,51.25,51.40",  # a unit that stays nowhere
    ]
    imported = read(read_patrols_file, trace(*SHIFT, noise), tmp_path)
    assert codes(imported) == [
        (53, "lat", "no_fix"),
        (55, "time", "time_repeated"),
        (56, "lat", "jump"),
        (57, "unit", "no_stay"),
    ]
    assert counts(imported) == (56, 51, 4, 1)
    assert imported.report.bad == 0


@pytest.mark.parametrize(("kmh", "code"), [(140, None), (400, "jump")])
def test_a_fix_at_four_hundred_km_an_hour_is_named_and_the_visits_stay(tmp_path, kmh, code):
    away = kmh / 3.6 * 30  # thirty seconds off and thirty back
    lat, lon = at(away, 0)
    stray = [
        f"A,2025-01-10 08:10:30,{lat:.6f},{lon:.6f}",
        "A,2025-01-10 08:11:30,0,0",
    ]
    plain = read(read_patrols_file, trace(fixes("A", BEGIN, (0, 0), 10)), tmp_path)
    back = fixes("A", BEGIN + timedelta(minutes=11), (0, 0), 4)
    imported = read(read_patrols_file, trace(fixes("A", BEGIN, (0, 0), 10), stray, back), tmp_path)
    assert [found[2] for found in codes(imported)] == [one for one in (code, "no_fix") if one]
    assert imported.frame["arrived_at"].min() == plain.frame["arrived_at"].min()
    assert imported.report.bad == 0


def test_a_trace_that_holds_another_fault_has_it_by_row(tmp_path):
    wrong = [
        "A,yesterday,51.23,51.38",
        "A,2025-01-10,51.23,51.38",
        "A,2025-01-10 08:00:07,99,51.38",
    ]
    imported = read(read_patrols_file, trace(*SHIFT, wrong), tmp_path)
    assert codes(imported) == [
        (53, "time", "time_invalid"),
        (54, "time", "time_unknown"),
        (55, "lat", "coord_out_of_range"),
    ]
    assert counts(imported) == (54, 51, 3, 0)


def test_a_base_is_no_visit(tmp_path):
    parked = fixes("A", BEGIN - timedelta(hours=3), (-4000, 0), 61)
    brief = fixes("B", BEGIN, (-4000, 30), 6)
    elsewhere = fixes("B", BEGIN + timedelta(minutes=20), (500, 500), 4)
    imported = read(read_patrols_file, trace(*SHIFT, parked, brief, elsewhere), tmp_path)
    assert sorted(imported.frame["minutes"]) == [4, 5, 10]
    found = imported.report.findings["traces"]
    assert (found["units"], found["visits"], found["stays_at_base"]) == (2, 3, 2)
    assert imported.report.accepted == imported.report.rows_read


def test_a_receiver_switched_off_overnight_stands_at_its_base(tmp_path):
    evening = fixes("A", BEGIN - timedelta(hours=12), (-4000, 0), 4)
    morning = fixes("A", BEGIN - timedelta(minutes=30), (-4000, 20), 4)
    imported = read(read_patrols_file, trace(evening, morning, *SHIFT), tmp_path)
    assert sorted(imported.frame["minutes"]) == [5, 10]


def test_nothing_is_claimed_for_a_gap(tmp_path):
    before = fixes("A", BEGIN, (0, 0), 4)
    after = fixes("A", BEGIN + timedelta(minutes=24), (0, 0), 6)
    imported = read(read_patrols_file, trace(before, after), tmp_path)
    assert sorted(imported.frame["minutes"]) == [4, 6]
    assert imported.report.findings["traces"]["gaps"] == 1


def test_a_stay_over_midnight_is_one_visit(tmp_path):
    late = fixes("A", datetime(2025, 1, 10, 23, 55), (0, 0), 10)
    frame = read(read_patrols_file, trace(late), tmp_path).frame
    assert frame["minutes"].tolist() == [10]
    assert frame["arrived_at"].tolist() == [datetime(2025, 1, 10, 23, 55)]


def test_a_trace_without_a_stay_is_refused_and_says_why(tmp_path):
    moving = drive("A", BEGIN, (0, 0), (9000, 0), 10)
    with pytest.raises(InputRefusedError, match="no_stay 19") as refusal:
        read(read_patrols_file, trace(moving), tmp_path)
    assert refusal.value.code == "no_valid_rows"


def test_day_and_time_may_stand_in_two_columns(tmp_path):
    text = trace(*SHIFT).replace("unit,time,", "unit,дата,время,").replace(" 08:", ",08:")
    imported = read(read_patrols_file, text, tmp_path, mapping=UTC)
    assert imported.frame["arrived_at"].min() == datetime(2025, 1, 10, 13, 0)
    assert imported.report.accepted == 51


def test_offsets_in_the_text_need_no_mapping(tmp_path):
    text = trace(*SHIFT).replace(":00,", ":00Z,").replace(":30,", ":30Z,")
    frame = read(read_patrols_file, text, tmp_path).frame
    assert frame["arrived_at"].min() == datetime(2025, 1, 10, 13, 0)


def test_a_trace_in_gpx_is_in_universal_time(tmp_path):
    lines = [line.split(",") for part in SHIFT for line in part]
    points = "".join(
        f'<trkpt lat="{lat}" lon="{lon}"><time>{moment.replace(" ", "T")}Z</time></trkpt>'
        for _, moment, lat, lon in lines
    )
    text = f'<gpx version="1.1" creator="t"><trk><trkseg>{points}</trkseg></trk></gpx>'
    imported = read(read_patrols_file, text, tmp_path, name="shift.gpx")
    plain = read(read_patrols_file, trace(*SHIFT), tmp_path, mapping=UTC)
    assert imported.frame["arrived_at"].min() == datetime(2025, 1, 10, 13, 0)
    assert set(imported.frame["identity"]) == set(plain.frame["identity"])
    assert not imported.report.warnings


@pytest.mark.bad_input("B43")
def test_the_ledger_counts_the_fixes_behind_new_and_known_visits(tmp_path, database):
    first = read(read_patrols_file, trace(*SHIFT), tmp_path)
    other = fixes("B", BEGIN, (0, 2000), 4)
    both = read(read_patrols_file, trace(*SHIFT, other), tmp_path)
    longer = [*SHIFT[:2], fixes("A", BEGIN + timedelta(minutes=15), (3000, 0), 12), other]
    more = read(read_patrols_file, trace(*longer), tmp_path)
    assert saved(database, first) == (51, 0, 0)
    assert saved(database, first) == (0, 51, 0)
    assert saved(database, both) == (9, 51, 0)
    # The second visit of the first unit has four fixes more: a new version of it.
    behind = more.frame.loc[more.frame["minutes"] == 12, "rows"].item()
    assert saved(database, more) == (behind, 64 - behind, 1)
    with database.reading() as connection:
        assert sorted(read_visits(connection)["minutes"]) == [4, 5, 12]


def saved(database, imported):
    """Store an import; return accepted, duplicate and versions."""
    record = ImportRecord(
        noun="patrols",
        source="s",
        file_name="f",
        file_sha256="0" * 64,
        imported_at=datetime(2025, 2, 1),
        rows_read=imported.report.rows_read,
        rows_are=imported.rows_are,
    )
    with database.writing() as connection:
        done = save_import(connection, record, imported.blocks, imported.refused)
    return done.accepted, done.duplicate, done.versions


def track(*points):
    """Build a track from (unit, seconds, x)."""
    unit, seconds, x = (np.array(values) for values in zip(*points, strict=True))
    return Track(unit.astype(np.int64), seconds.astype(float), x.astype(float), np.zeros(len(x)))


@pytest.mark.parametrize(("seconds", "stays"), [(179, 0), (180, 1), (181, 1)])
def test_three_minutes_are_a_stay(seconds, stays):
    assert len(find_stays(track((0, 0, 0), (0, seconds, 0)))) == stays


@pytest.mark.parametrize(("metres", "stays"), [(59, 1), (60, 1), (61, 0)])
def test_sixty_metres_are_one_place(metres, stays):
    assert len(find_stays(track((0, 0, 0), (0, 200, metres)))) == stays


def test_a_unit_id_given_to_another_vehicle_is_another_track():
    here = [(0, 60 * n, 0) for n in range(5)]
    there = [(0, 300 + 60 * n, 50_000) for n in range(5)]
    assert not mark_jumps(track(*here, *there)).any()
    assert (
        mark_jumps(track(*here, (0, 299, 50_000), *[(0, 300 + n, 0) for n in range(3)])).sum() == 1
    )


def test_jumps_of_one_unit_say_nothing_of_the_next():
    assert not mark_jumps(track((0, 0, 0), (0, 60, 10), (1, 61, 90_000), (1, 120, 90_010))).any()


def test_a_fix_goes_to_the_nearest_stay_of_its_own_unit():
    standing = track(
        (0, 0, 0), (0, 200, 0), (0, 290, 900), (0, 400, 2000), (0, 700, 2000), (1, 10, 0)
    )
    stays = find_stays(standing)
    # 290 is 90 s after the first stay and 110 s before the second; unit 1 has none.
    assert nearest_stay(standing, stays).tolist() == [0, 0, 0, 1, 1, -1]
    assert not mark_bases(standing, stays).any()


def test_no_fix_is_no_stay():
    empty = Track(*(np.zeros(0, np.int64), *(np.zeros(0) for _ in range(3))))
    assert find_stays(empty).empty
    assert mark_bases(empty, find_stays(empty)).shape == (0,)
    assert nearest_stay(empty, find_stays(empty)).shape == (0,)
    assert mark_jumps(empty).shape == (0,)
