import numpy as np
import pytest

from geo.hazard.counted import count_incidents
from geo.hazard.fitted import FittedQuantities, Model
from geo.hazard.severity import group_severity
from geo.parameters import GROUPS
from tests.geo.hazard_towns import AS_OF, COVERAGE, PARAMETERS, incident_rows, oral

THEFT, VIOLENCE = GROUPS.index("theft_robbery"), GROUPS.index("violence")


def severity(incidents, table=None, fitted=None):
    counted = count_incidents(incidents, oral().grid, COVERAGE, AS_OF, PARAMETERS)
    return group_severity(counted, Model(PARAMETERS, fitted or FittedQuantities()), table)


@pytest.mark.parametrize(
    ("n", "weight", "source"), [(19, 500.0, "table"), (20, 456.0, "incidents")]
)
def test_few_incidents_take_the_mean_of_the_articles(n, weight, source):
    found = severity(incident_rows(oral().grid, [1] * n), {"theft_robbery": 500.0})

    assert found.weight[THEFT] == weight
    assert found.source["theft_robbery"] == source


def test_without_a_table_the_few_speak_for_themselves_and_the_town_for_the_silent():
    # thefts 30 and 456: mean 243; violence has none with a severity: the town's mean, 243 too
    incidents = incident_rows(
        oral().grid, [1, 2, 3],
        offence_group=["theft_robbery", "theft_robbery", "violence"],
        severity_days=[30.0, 456.0, np.nan],
    )  # fmt: skip

    found = severity(incidents)

    assert found.weight[THEFT] == 243
    assert (found.weight[VIOLENCE], found.source["violence"]) == (243, "town")
    assert found.unit == "days"


def test_incidents_without_any_severity_count_one_each():
    found = severity(incident_rows(oral().grid, [1, 2], severity_days=np.nan), {"violence": 900.0})

    assert found.unit == "incidents"
    assert (found.weight == 1).all()


def test_severity_of_the_reference_quarter_is_kept():
    fitted = FittedQuantities(severity_days={"theft_robbery": 777.0})

    found = severity(incident_rows(oral().grid, [1] * 30), fitted=fitted)

    assert (found.weight[THEFT], found.source["theft_robbery"]) == (777.0, "fixed")
