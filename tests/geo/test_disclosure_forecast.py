"""What each role is told of a check of the forecast."""

import pytest

from geo.disclosure_forecast import disclose_forecast
from geo.errors import UsageError
from tests.forecast_results import forecast_check


def test_prosecutor_sees_the_whole_check_of_the_forecast():
    assert disclose_forecast(forecast_check(), "prosecutor") == forecast_check()


@pytest.mark.parametrize("role", ["planner", "dispatcher"])
def test_staff_sees_no_kind_of_offence_and_no_section_in_the_check(role):
    shown = disclose_forecast(forecast_check(), role)
    assert "groups" not in shown
    assert "fitted" not in shown["pooled"]
    assert shown["quarters"] == forecast_check()["quarters"]
    assert shown["stability"]["kendall_tau_min"] == 0.93
    assert not {"members", "unstable"} & set(shown["stability"])
    assert [set(one) for one in shown["stability"]["variants"]] == [
        {"family", "kendall_tau", "top20_overlap"}
    ] * 2
    assert disclose_forecast(forecast_check() | {"stability": None}, role)["stability"] is None


def test_public_sees_the_verdict_and_whole_per_cents_of_the_year():
    shown = disclose_forecast(forecast_check(), "public")
    assert set(shown) == {"check_id", "made_at", "as_of", "period", "target", "pooled"}
    assert shown["pooled"]["verdict"]["word"] == "use"
    # 1212 to the nearest five; 0.2973 and 0.2756 to the nearest hundredth.
    assert shown["pooled"]["protocol"]["events_test"] == 1210
    assert shown["pooled"]["models"] == {
        "safe_region": {"hit1": 0.13, "hit5": 0.3, "hit10": 0.44},
        "kde_400_all": {"hit1": 0.11, "hit5": 0.28, "hit10": 0.4},
    }
    assert shown["pooled"]["standard_error"] == {"hit1": 0.01, "hit5": 0.01, "hit10": 0.01}


@pytest.mark.parametrize(("count", "told"), [(12, 10), (10, 10), (9, None), (0, None)])
def test_public_is_told_no_small_number_and_no_share_of_one(count, told):
    check = forecast_check("too_few")
    check["pooled"]["protocol"]["events_test"] = count
    shown = disclose_forecast(check, "public")["pooled"]
    assert shown["protocol"]["events_test"] == told
    assert shown["models"] == {}
    assert shown["standard_error"] == {}


def test_another_role_is_refused():
    with pytest.raises(UsageError, match="role"):
        disclose_forecast(forecast_check(), "mayor")
