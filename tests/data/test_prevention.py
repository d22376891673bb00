"""What lamps, patrols and cameras prevent in the invented town, by hand and by number."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from data.demo import plan
from data.demo.prevention import (
    CAMERA_LOG_IRR,
    DARK_LOG_IRR,
    LIT_RELIEF,
    PATROL_LOG_IRR,
    Clock,
    darkness,
    happening,
)
from geo.coverage import daylight

ORAL = Clock(*plan.CENTRE, 5.0)
MIDNIGHT, NOON = "2025-12-21T00:00", "2026-06-21T12:00"


def lamps(**changed):
    row = {"x": 0.0, "y": 0.0, "mount_height_m": 7.0, "commissioned_at": "2011-01-01",
           "broken_from": ""}  # fmt: skip
    return pd.DataFrame([row | changed])


def cameras(**changed):
    row = {"x": 0.0, "y": 0.0, "azimuth_deg": 90, "range_m": 40, "connected": "yes",
           "broken_from": "", "broken_to": ""}  # fmt: skip
    return pd.DataFrame([row | changed])


def visits(*at, minutes=15):
    arrived = pd.to_datetime(list(at)).astype("datetime64[s]")
    return pd.DataFrame({"x": 0.0, "y": 0.0, "stop": 1, "arrived_at": arrived, "minutes": minutes})


FAR = {
    "lamps": lamps(x=1e5),
    "cameras": cameras(x=1e5),
    "visits": visits("2025-12-20 20:00").assign(x=1e5),
}


def share_happening(place, at, theme="theft", number=40_000, **equipment) -> float:
    drawn = pd.DataFrame(
        {"theme": theme, "x": place[0], "y": place[1], "at": np.datetime64(at, "m")},
        index=range(number),
    )
    there = SimpleNamespace(**(FAR | equipment))
    return len(happening(drawn, there, ORAL, np.random.default_rng(1))) / number


def test_sun_is_that_of_the_model_to_a_few_minutes():
    day = np.datetime64("2025-09-01T00:00") + np.arange(0, 365 * 1440, 17).astype("timedelta64[m]")
    judge = daylight.darkness(*plan.CENTRE, day - np.timedelta64(5, "h"))

    assert np.abs(darkness(day, ORAL) - judge).mean() < 0.01
    assert darkness(np.array([MIDNIGHT, NOON], "datetime64[m]"), ORAL).tolist() == [1, 0]


@pytest.mark.parametrize(("theme", "full"), [("theft", 1.0), ("robbery", 1.0), ("violence", 0.5)])
def test_lamp_prevents_at_night_within_its_reach(theme, full):
    kept = share_happening((20, 0), MIDNIGHT, theme, lamps=lamps())

    assert kept == pytest.approx(np.exp(-DARK_LOG_IRR * full * LIT_RELIEF), abs=0.01)
    assert share_happening((20, 0), NOON, theme, lamps=lamps()) == 1
    assert share_happening((26, 0), MIDNIGHT, theme, lamps=lamps()) == 1  # reach 3.5 · 7 m


@pytest.mark.parametrize(
    "state", [{"commissioned_at": "2025-12-22"}, {"broken_from": "2025-12-20"}]
)
def test_lamp_that_does_not_burn_prevents_nothing(state):
    assert share_happening((0, 0), MIDNIGHT, lamps=lamps(**state)) == 1


def test_camera_prevents_where_it_looks_and_half_if_nobody_watches():
    seen = share_happening((39, 20), NOON, cameras=cameras(range_m=45))
    passive = share_happening((39, 0), NOON, cameras=cameras(connected=""))

    assert seen == pytest.approx(np.exp(CAMERA_LOG_IRR), abs=0.01)
    assert passive == pytest.approx(np.exp(CAMERA_LOG_IRR / 2), abs=0.01)
    for behind in ((-20, 0), (0, 20), (41, 0)):
        assert share_happening(behind, NOON, cameras=cameras()) == 1
    dead = cameras(broken_from="2026-06-01")
    assert share_happening((20, 0), NOON, cameras=dead) == 1
    repaired = cameras(broken_from="2012-05-03", broken_to="2026-06-01")
    assert share_happening((20, 0), NOON, cameras=repaired) < 0.9


def test_patrol_prevents_while_it_is_there_and_less_and_less_afterwards():
    there = visits("2026-06-21 11:50")
    gone = visits("2026-06-21 09:45")  # left at 10:00: exp(−120/120) remains

    assert share_happening((0, 0), NOON, visits=there) == pytest.approx(
        np.exp(PATROL_LOG_IRR), abs=0.01
    )
    assert share_happening((0, 0), NOON, visits=gone) == pytest.approx(
        np.exp(PATROL_LOG_IRR / np.e), abs=0.01
    )
    # Next door half of it, farther away nothing.
    assert share_happening((120, 0), NOON, visits=there) == pytest.approx(
        np.exp(PATROL_LOG_IRR / 2), abs=0.01
    )
    assert share_happening((190, 0), NOON, visits=there) == 1
    assert share_happening((0, 0), NOON, visits=visits("2026-06-21 12:01")) == 1


def test_visits_take_away_a_share_of_what_others_left():
    # ½ there (7.5 of 15 minutes), and of the earlier one exp(−60/120) = .607 remains.
    both = pd.concat(
        [visits("2026-06-21 10:45"), visits("2026-06-21 11:55", minutes=7.5)], ignore_index=True
    )
    felt = 1 - (1 - 0.5) * (1 - np.exp(-0.5))

    assert share_happening((0, 0), NOON, visits=both) == pytest.approx(
        np.exp(PATROL_LOG_IRR * felt), abs=0.01
    )
