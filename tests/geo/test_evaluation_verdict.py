"""One word on a forecast, from the measures of it and of its simple rivals."""

import pytest

from geo.evaluation.verdict import verdict


def models(gain=0.5, hit5=0.3, n=900, **rivals):
    made = {"safe_region": {"n": n, "gain": gain, "hit5": hit5}}
    for name, (rival_gain, rival_hit5) in rivals.items():
        made[name] = {"n": n, "gain": rival_gain, "hit5": rival_hit5}
    return made


def test_better_than_every_simple_forecast_is_of_use():
    found = verdict(models(kde_200_all=(0.4, 0.2), count_all=(-1.0, 0.25)))

    assert found == {"word": "use", "best_baseline": "kde_200_all", "reasons": []}


@pytest.mark.parametrize(("gain", "word"), [(0.39, "do_not_use"), (0.4, "do_not_use"),
                                            (0.41, "use")])  # fmt: skip
def test_gain_must_be_higher_than_the_best(gain, word):
    assert verdict(models(gain, kde_200_all=(0.4, 0.2)))["word"] == word


@pytest.mark.parametrize(
    # √(.3 · .7 / 900) = .01528
    ("rival", "reasons"), [(0.3152, []), (0.3154, ["hit5_lower"])]
)  # fmt: skip
def test_less_found_counts_from_one_standard_error(rival, reasons):
    found = verdict(models(count_all=(-1.0, rival)))

    assert found["reasons"] == reasons
    assert found["word"] == ("do_not_use" if reasons else "use")


def test_both_reasons_are_told():
    found = verdict(models(kde_400_all=(0.6, 0.2), count_all=(0, 0.4)))

    assert found == {
        "word": "do_not_use", "best_baseline": "kde_400_all",
        "reasons": ["gain_lower", "hit5_lower"],
    }  # fmt: skip


@pytest.mark.parametrize(("n", "word"), [(29, "too_few"), (30, "use")])
def test_fewer_than_thirty_incidents_are_too_few(n, word):
    assert verdict(models(n=n, kde_200_all=(0.4, 0.2)))["word"] == word


@pytest.mark.parametrize("rival", ["steb", "gradient_boosting"])
def test_forecasts_that_are_not_simple_do_not_decide(rival):
    found = verdict(models(kde_200_all=(0.4, 0.2), **{rival: (0.9, 0.9)}))

    assert found["word"] == "use"
    assert found["best_baseline"] == "kde_200_all"


def test_no_incident_at_all_is_too_few():
    nothing = {"n": 0, "gain": None, "hit5": None}

    found = verdict({"safe_region": nothing, "count_all": nothing})

    assert found == {"word": "too_few", "best_baseline": None, "reasons": ["few_events"]}
