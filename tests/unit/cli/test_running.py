"""`refundpilot run` and what `status` says of a service, in words and as JSON."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from rich.console import Console

from bot.catalogue import Catalogue
from bot.cli.ran import ran, service
from bot.ports.status import NextRun, RunOptions
from tests.unit.cli.fakes import ALIVE, AT, MISSED, RAN, STATUS, FakeApp
from tests.unit.cli.test_commands import app, call, home

__all__ = ["app", "home"]

BOTH = pytest.mark.parametrize("language", ["zh", "en"])


def said(picture: object) -> str:
    console = Console(width=200)
    with console.capture() as told:
        console.print(picture)
    return told.get()


def test_run_is_told_how_long_and_prints_one_object(app: FakeApp, home: Path) -> None:
    told = call("run", "--home", home, "--for", "60", "--until-idle", "--json")
    body = json.loads(told.stdout)
    assert app.asked["options"] == RunOptions(for_s=60, until_idle=True, tray=None)
    assert (body["sweeps"], body["missed"][0]["cause"], body["exit_code"]) == (108, "asleep", told.exit_code)


@pytest.mark.parametrize(("words", "tray"), [((), None), (("--tray",), True), (("--no-tray",), False)])
def test_an_icon_is_shown_where_there_is_a_place_for_it_unless_somebody_says_otherwise(
    app: FakeApp, home: Path, words: tuple[str, ...], *, tray: bool | None
) -> None:
    call("run", "--home", home, *words)
    assert app.asked["options"].tray is tray


@BOTH
def test_what_a_service_did_is_told_without_a_code(language: str) -> None:
    text = said(ran(RAN, Catalogue(language)))
    assert all(figure in text for figure in ("108", "60", "24", "4,123.45" if "," in text else "4123.45"))
    assert "[" not in text


@BOTH
@pytest.mark.parametrize("phase", ["sleeping", "sweeping", "sent", "stopped"])
@pytest.mark.parametrize("alive", [True, False])
def test_status_tells_what_the_service_is_at_in_words(language: str, phase: str, alive: bool) -> None:
    coming = tuple(
        NextRun(at=AT + timedelta(minutes=n), job=job) for n, job in enumerate(("sweep", "audit", "follow_up"))
    )
    status = STATUS.model_copy(
        update={
            "service": ALIVE.model_copy(update={"phase": phase, "alive": alive}),
            "missed_runs": (MISSED,),
            "next_runs": coming,
        }
    )
    text = said("\n".join(line.plain for line in service(status, Catalogue(language))))
    assert "24" in text
    assert "11-28 09:02" in text
    assert "[" not in text
    assert ("4711" in text) is (alive or phase != "stopped")
