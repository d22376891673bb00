import gc

import pytest

from api.stages import Stages, loaded_code_at_rest


@loaded_code_at_rest()
def fail_at_rest() -> None:
    assert gc.get_freeze_count() > 0
    raise ValueError("no map")


def test_what_was_there_before_is_looked_through_again_afterwards() -> None:
    gc.unfreeze()

    with pytest.raises(ValueError, match="no map"):
        fail_at_rest()

    assert gc.get_freeze_count() == 0


def test_seconds_of_the_stages_make_the_total() -> None:
    told: list[str] = []
    stages = Stages(told.append)
    assert stages.seconds() == {"total": 0.0}

    stages.start("reading")
    stages.start("scoring")

    seconds = stages.seconds()
    assert told == ["reading", "scoring"]
    assert list(seconds) == ["reading", "scoring", "total"]
    assert seconds["total"] == pytest.approx(seconds["reading"] + seconds["scoring"], abs=0.002)
