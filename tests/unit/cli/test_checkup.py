"""The doctor's findings are told in words, cures beside troubles, and end with a code that a script can use."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.catalogue import Catalogue
from bot.cli import checkup
from bot.cli.commands import cli
from bot.clock import SystemClock
from bot.config import write_home
from bot.doctor import Finding
from bot.doctor.finding import found
from bot.doctor.patient import admit
from bot.ports.clock import Clock

GOOD, WARN, BAD = found("writable.ok", home="/h"), found("stop.pressed"), found("zone.wrong", offset="+0000")


def call(monkeypatch: pytest.MonkeyPatch, findings: tuple[Finding, ...], *words: str) -> Result:
    async def examine(home: Path | None, clock: Clock, *, tell: object, words: object) -> tuple[Finding, ...]:
        return findings

    monkeypatch.setattr(checkup, "examine", examine)
    return CliRunner().invoke(cli, ["doctor", *words], env={"COLUMNS": "160", "LC_ALL": "en_US.UTF-8"})


@pytest.mark.parametrize(
    ("findings", "code", "verdict"),
    [
        ((GOOD,), 0, "Everything is in order."),
        ((GOOD, WARN), 0, "worth a look: 1"),
        ((GOOD, WARN, BAD), 2, "Troubles to mend first: 1"),
    ],
)
def test_verdict_and_code_go_by_the_worst_finding(
    monkeypatch: pytest.MonkeyPatch, findings: tuple[Finding, ...], code: int, verdict: str
) -> None:
    told = call(monkeypatch, findings)
    assert told.exit_code == code
    assert verdict in told.stdout
    assert told.stdout.count("→") == sum(one.cure is not None for one in findings)


def test_json_has_codes_for_programs_and_sentences_for_people(monkeypatch: pytest.MonkeyPatch) -> None:
    body = json.loads(call(monkeypatch, (GOOD, BAD), "--json").stdout)
    assert body["exit_code"] == 2
    assert [one["code"] for one in body["findings"]] == ["doctor.writable.ok", "doctor.zone.wrong"]
    assert all(one["what"] and not one["what"].startswith("[") for one in body["findings"])
    assert bool(body["findings"][1]["cure"]) > bool(body["findings"][0]["cure"])


def no_answer(url: str) -> dict[str, str]:
    raise OSError(url)


def silent(_: object) -> None: ...


@pytest.mark.parametrize(("language", "words"), [("zh", "缺少账号"), ("en", "no password for the account")])
def test_password_that_is_missing_is_found_before_the_first_sweep(tmp_path: Path, language: str, words: str) -> None:
    write_home(tmp_path)
    patient = admit(tmp_path, SystemClock(), no_answer, silent, Catalogue(language))
    assert len(patient.troubles) == 2
    assert all(words in trouble for trouble in patient.troubles)
