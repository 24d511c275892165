"""`mend` and `selectors check` in the terminal: nothing is accepted without a name, and nobody at the keyboard is nobody who looked."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.cli import mended, targets
from bot.cli.commands import cli
from bot.ports.exits import ExitCode
from bot.ports.mending import Look, MendResult, Ranked, SelectorsResult, TargetLook

PROPOSED = MendResult(
    bundle="/h/failures/b", target="agree.confirm", name="[b]Yes[/b]", writes=True, differences=('- button "Agree"',),
    candidates=(
        Ranked(role="button", name="[b]Yes[/b]", within="dialog", title="Agree", score=81,
               parts={"role": 30, "name": 16, "scope": 25, "place": 10}),
    ),
    places=("p/x.toml:7",), diff='--- p/x.toml\n+++ p/x.toml\n@@ -7 +7 @@\n-name = "Agree"\n+name = "[b]Yes[/b]"\n',
    pictures=("/h/failures/b/before.png", "/h/failures/b/after.png"), selectors="/s",
)  # fmt: skip
LOOKS = SelectorsResult(
    platform="p", selectors="/s", pages=("x",), exit_code=ExitCode.HELD,
    targets=(
        TargetLook(target="a.b", use="read", look=Look.HEALED, page="x", candidate=2),
        TargetLook(target="a.c", use="write", look=Look.MISSING, page="x", detail="[b]bold[/b]"),
        TargetLook(target="d.e", use="write", look=Look.NOT_SHOWN),
    ),
)  # fmt: skip


class FakeMender:
    """Proposes what it was given; remembers what was accepted."""

    def __init__(self) -> None:
        self.proposed = PROPOSED
        self.accepted: list[str] = []

    async def propose_mend(self, bundle: Path, home: Path, choice: int) -> MendResult:
        return self.proposed

    def accept_mend(self, bundle: Path, home: Path, choice: int, name: str) -> MendResult:
        self.accepted.append(name)
        return self.proposed.model_copy(update={"accepted": True, "pictures": ()})

    async def check_saved(self, platform: str, pages: Sequence[Path], home: Path | None) -> SelectorsResult:
        return LOOKS


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch) -> FakeMender:
    fake = FakeMender()
    for module in (mended, targets):
        monkeypatch.setattr(module, "use_cases", lambda: fake)
    monkeypatch.setenv("LANG", "en_US.UTF-8")
    monkeypatch.setenv("LC_ALL", "en_US.UTF-8")
    monkeypatch.delenv("REFUNDPILOT_HOME", raising=False)
    return fake


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    folder = tmp_path / "failures" / "b"
    folder.mkdir(parents=True)
    return folder


def call(*words: object) -> Result:
    return CliRunner().invoke(cli, [str(word) for word in words], env={"COLUMNS": "200"})


def test_proposal_shows_score_diff_and_pictures_and_accepts_nothing(app: FakeMender, bundle: Path) -> None:
    result = call("mend", bundle)
    assert result.exit_code == 0
    for part in (
        'button "[b]Yes[/b]"',
        "81",
        "p/x.toml:7",
        '+name = "[b]Yes[/b]"',
        "before.png",
        "Nothing is changed yet",
    ):
        assert part in result.output, part
    assert app.accepted == []


def test_name_may_be_given_at_once(app: FakeMender, bundle: Path) -> None:
    result = call("mend", bundle, "--accept", "--yes-i-looked", "[b]Yes[/b]", "--json")
    told = json.loads(result.stdout)
    assert (told["accepted"], told["pictures"], app.accepted) == (True, list(PROPOSED.pictures), ["[b]Yes[/b]"])


@pytest.mark.parametrize("more", [(), ("--json",)])
def test_nobody_at_the_keyboard_accepts_nothing(app: FakeMender, bundle: Path, more: tuple[str, ...]) -> None:
    result = call("mend", bundle, "--accept", *more)
    assert result.exit_code == ExitCode.CONFIG
    assert app.accepted == []


def test_read_target_is_accepted_without_a_name(app: FakeMender, bundle: Path) -> None:
    app.proposed = PROPOSED.model_copy(update={"writes": False})
    assert call("mend", bundle, "--accept").exit_code == 0
    assert app.accepted == [""]


def test_without_a_proposal_there_is_nothing_to_ask(app: FakeMender, bundle: Path) -> None:
    app.proposed = PROPOSED.model_copy(update={"diff": "", "places": (), "name": "", "exit_code": ExitCode.HELD})
    result = call("mend", bundle, "--accept")
    assert (result.exit_code, app.accepted) == (1, [])
    assert "Nothing on this page resembles it" in result.output


def test_check_tells_each_target_and_ends_with_one_for_what_wants_a_person(app: FakeMender, bundle: Path) -> None:
    page = bundle / "page.html"
    page.write_text("<p>", encoding="utf-8")
    result = call("selectors", "check", "--page", page)
    assert result.exit_code == 1
    for part in (
        "healed for reading only (candidate 2)",
        "missing",
        "[b]bold[/b]",
        "not shown here",
        "1 targets want a person",
    ):
        assert part in result.output, part
    assert json.loads(call("selectors", "check", "--page", page, "--json").stdout)["targets"][0]["candidate"] == 2


def test_check_needs_a_home_or_a_page(app: FakeMender) -> None:
    assert call("selectors", "check").exit_code == ExitCode.CONFIG
