"""What a copy of the process computes: it arrives, fails aloud, and the copy is gone after."""

import os
import signal

import pandas as pd
import pytest

from data.copies import Copy, computed_beside


def test_result_comes_from_another_process_as_it_was_made():
    frame = pd.DataFrame({"name": ["Абай көшесі", None], "lit_m": [1.5, float("nan")]})
    with computed_beside(lambda: (os.getpid(), frame)) as result:
        pid, found = result()

    assert pid != os.getpid()
    pd.testing.assert_frame_equal(found, frame)


def test_error_is_raised_where_the_result_is_asked_for():
    def fails():
        raise ValueError("lamp 7 has no street")

    with computed_beside(fails) as result, pytest.raises(ValueError, match="lamp 7"):
        result()


def test_result_of_a_copy_that_was_killed_is_computed_here():
    here = os.getpid()

    def compute():
        if os.getpid() != here:
            os.kill(os.getpid(), signal.SIGKILL)
        return 7

    with computed_beside(compute) as result:
        assert result() == 7


def test_result_that_cannot_be_passed_on_is_computed_here():
    with computed_beside(lambda: lambda: 7) as result:
        assert result()() == 7


def test_copy_that_nobody_waits_for_is_ended():
    pids, mark = os.pipe()

    def tell_and_stay():
        os.write(mark, f"{os.getpid()}\n".encode())
        signal.pause()

    with computed_beside(tell_and_stay):
        pid = int(os.read(pids, 20))
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_copy_that_hangs_is_given_up(monkeypatch):
    monkeypatch.setattr("data.copies.PATIENCE", 0.05)
    assert not Copy(signal.pause).done()
