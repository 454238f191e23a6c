"""The garbage collector is left as it was found, whoever leaves last."""

from __future__ import annotations

import gc
import threading

import pytest

from sipas.reports.collecting import SELDOM, collecting_seldom


def test_the_collector_looks_seldom_and_then_as_before():
    before = gc.get_threshold()
    with collecting_seldom():
        assert gc.get_threshold()[0] == SELDOM[0]
    assert gc.get_threshold() == before


def test_a_failing_run_puts_the_thresholds_back():
    before = gc.get_threshold()
    with pytest.raises(ZeroDivisionError), collecting_seldom():
        raise ZeroDivisionError
    assert gc.get_threshold() == before


def test_two_runs_at_once_put_back_what_the_first_found():
    before = gc.get_threshold()
    inside, leave = threading.Event(), threading.Event()

    def other() -> None:
        with collecting_seldom():
            inside.set()
            leave.wait(10)

    worker = threading.Thread(target=other)
    with collecting_seldom():
        worker.start()
        inside.wait(10)
    assert gc.get_threshold()[0] == SELDOM[0]  # the other still works
    leave.set()
    worker.join()
    assert gc.get_threshold() == before
