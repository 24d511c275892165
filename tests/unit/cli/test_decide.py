"""`refundpilot decide`: what it shows first, who may say yes, what it hands on and how it ends."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from bot.cli import deciding
from bot.cli.commands import cli
from bot.config import Home
from bot.domain.action import RefusalReason, Verb
from bot.domain.base import SHANGHAI
from bot.domain.decision import Plan, ProofKind, Reason
from bot.domain.hand import HandVerdict
from bot.domain.ids import CaseKey
from bot.domain.money import Money
from bot.domain.outcome import CaseStatus
from bot.ports.deciding import HandAsk, HandPreview, HandResult
from bot.ports.exits import ExitCode
from bot.ports.progress import Progress, StopSignal
from tests.unit.config.homes import trial_home

AT = datetime(2026, 11, 22, 10, 0, tzinfo=SHANGHAI)
CASE = CaseKey(platform="taobao", shop_id="1001", aftersale_id="2600000001")
LONG_AGO = Reason(code="hand.changed")


class FakeDesk:
    """Shows one refund and remembers what it was asked."""

    def __init__(self) -> None:
        self.refused: Reason | None = None
        self.became = CaseStatus.DONE
        self.ask: HandAsk | None = None
        self.carried: list[HandVerdict] = []

    async def preview_by_hand(self, home: Home, ask: HandAsk) -> HandPreview:
        self.ask = ask
        told: dict[str, Any] = {"case": CASE, "verb": Verb.AGREE_REFUND, "fingerprint": "f", "decided_at": AT}
        told |= {"by": ask.by, "why": ask.why, "approved_by": ask.approved_by}
        return HandPreview(
            verdict=HandVerdict(**told),
            claim=Money(12_900),
            state="case_state.wait_seller",
            type="aftersale_type.refund_unshipped",
            buyers_reason="不想要了",
            deadline=AT,
            looked_at=AT,
            own=(Reason(code="hold.no_match"),),
            plan=None if self.refused else Plan(strategy="person:li", amount=Money(12_900), proofs=(ProofKind.TRAIL,)),
            refused=self.refused,
        )

    async def decide_by_hand(
        self, home: Home, verdict: HandVerdict, progress: Progress, stop: StopSignal
    ) -> HandResult:
        self.carried.append(verdict)
        done = self.became is CaseStatus.DONE
        return HandResult(
            case=str(verdict.case),
            verb=verdict.verb,
            by=verdict.by,
            approved_by=verdict.approved_by,
            done=done,
            status=self.became,
            reasons=() if done else (LONG_AGO,),
            moved_fen=12_900 if done else 0,
            report="/r/report.html",
            exit_code=ExitCode.DONE if done else ExitCode.HELD,
        )


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> FakeDesk:
    fake = FakeDesk()
    monkeypatch.setattr(deciding, "use_cases", lambda: fake)
    monkeypatch.setenv("LANG", "en_US.UTF-8")
    monkeypatch.setenv("LC_ALL", "en_US.UTF-8")
    return fake


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return trial_home(tmp_path / "home")


def call(home: Path, *words: str, heard: str = "") -> Result:
    told = ["decide", "2600000001", *words, "--home", str(home)]
    return CliRunner().invoke(cli, told, env={"COLUMNS": "200"}, input=heard)


def at_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """CliRunner's stdin is none; the answer is read from it all the same."""
    monkeypatch.setattr(deciding, "_asks", lambda front: not front.as_json)


def test_facts_and_amount_are_shown_and_a_no_does_nothing(
    desk: FakeDesk, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_a_terminal(monkeypatch)
    result = call(home, "agree", "--why", "regular", "--by", "Li", heard="n\n")
    assert result.exit_code == 0
    assert not desk.carried
    for words in ("¥129.00", "不想要了", "Agree refund", "no strategy covers", "2026-11-22 10:00", "Li", "regular"):
        assert words in result.output


def test_a_yes_carries_it_out(desk: FakeDesk, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    at_a_terminal(monkeypatch)
    result = call(home, "agree", "--why", "regular", "--by", "Li", heard="y\n")
    assert result.exit_code == 0
    assert [one.by for one in desk.carried] == ["Li"]
    assert "report.html" in result.output


@pytest.mark.parametrize("more", [[], ["--json"]])
def test_where_nobody_can_say_yes_nothing_is_done(desk: FakeDesk, home: Path, more: list[str]) -> None:
    result = call(home, "agree", "--why", "regular", "--by", "Li", *more)
    assert result.exit_code == 2
    assert desk.ask is None
    assert not desk.carried


@pytest.mark.parametrize("more", [[], ["--json"]])
def test_what_is_refused_is_told_and_never_carried_out(desk: FakeDesk, home: Path, more: list[str]) -> None:
    desk.refused = Reason(code="hand.two_above", params={"amount": "¥129.00", "limit": "¥100.00"})
    result = call(home, "agree", "--why", "regular", "--by", "Li", "--yes", *more)
    assert result.exit_code == 1
    assert not desk.carried
    assert "two_above" in result.output if more else "second person" in result.output


def test_json_is_one_object_with_the_result(desk: FakeDesk, home: Path) -> None:
    result = call(home, "agree", "--why", "regular", "--by", "Li", "--approved-by", "Wang", "--yes", "--json")
    body = json.loads(result.stdout)
    assert (body["done"], body["status"], body["moved_fen"], body["approved_by"]) == (True, "done", 12_900, "Wang")


def test_a_page_that_changed_ends_as_held_and_says_so(desk: FakeDesk, home: Path) -> None:
    desk.became = CaseStatus.HELD
    result = call(home, "agree", "--why", "regular", "--by", "Li", "--yes")
    assert result.exit_code == 1
    assert "Changed since you looked" in result.output


def test_all_that_a_person_may_say_is_handed_on(desk: FakeDesk, home: Path) -> None:
    told = [
        "--refusal",
        "in_transit",
        "--message",
        "on its way",
        "--proof",
        "trail",
        "--proof",
        "inbox",
        "--without-proof",
    ]
    call(home, "refuse", "--why", "w", "--by", "Li", "--yes", *told, "--max-fee", "8.00", "--amount", "129.00")
    assert desk.ask is not None
    assert (desk.ask.word, desk.ask.refusal, desk.ask.message) == ("refuse", RefusalReason.IN_TRANSIT, "on its way")
    assert desk.ask.proofs == (ProofKind.TRAIL, ProofKind.INBOX)
    assert (desk.ask.max_fee, desk.ask.amount, desk.ask.without_proof_allowed) == (Money(800), Money(12_900), True)
    call(home, "hold", "--why", "w", "--by", "Li", "--yes", "--until", "2026-11-22 15:00")
    assert desk.ask.again_at == datetime(2026, 11, 22, 15, 0, tzinfo=SHANGHAI)


def test_who_decides_is_by_default_who_uses_the_pc(desk: FakeDesk, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deciding.getpass, "getuser", lambda: "desk-pc")
    call(home, "agree", "--why", "w", "--yes")
    assert desk.carried[0].by == "desk-pc"


@pytest.mark.parametrize("told", [["--amount", "1e3"], ["--max-fee", "-1"], ["--until", "soon"]])
def test_what_cannot_be_read_is_a_mistake_of_writing(desk: FakeDesk, home: Path, told: list[str]) -> None:
    result = call(home, "ask", "--why", "w", "--by", "Li", "--yes", *told)
    assert result.exit_code == 2
    assert told[1] in result.output
    assert desk.ask is None
