"""The shared fixtures do what the other tests take for granted."""

from __future__ import annotations

import multiprocessing
from pathlib import Path

import pytest

from tests.conftest import StartSimulator
from tests.nursery import Robot


def test_a_simulator_starts_answers_and_ends(simulator: StartSimulator) -> None:
    one, other = simulator(cases=10), simulator(cases=10, seed=2)
    assert one.url != other.url
    assert len(one.get("cases")) == 10
    assert one.get("effects") == []


def test_a_simulator_that_cannot_start_says_why(simulator: StartSimulator) -> None:
    with pytest.raises(RuntimeError, match="nonsense"):
        simulator(scenario="nonsense")


def test_no_simulator_outlives_its_test() -> None:
    """Runs after the two above: what they started is gone."""
    assert multiprocessing.active_children() == []


def test_a_forked_robot_has_the_environment_that_its_caller_has_now(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    Robot(("--version",), tmp_path).begin().end(60)  # the nursery is open from here on
    monkeypatch.setenv("REFUNDPILOT_HOME", str(tmp_path / "of-this-test"))
    ended = Robot(("status",), tmp_path).begin().end(60)
    assert "of-this-test" in ended.stderr, ended
