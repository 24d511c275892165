"""`refundpilot page`: what it shows, what it writes only on request, and the code it ends with."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.cli import pages
from bot.cli.commands import cli
from bot.domain.base import SHANGHAI
from bot.ports.pages import FieldDifference, KeptPage, PageCheck, PageReading

GOOD = PageReading(
    folder="/r/taobao/detail.one", name="taobao/detail.one", platform="taobao", page="detail", note="One page.", url="https://x.example/d",
    at=datetime(2026, 11, 22, 10, tzinfo=SHANGHAI), shop="示例旗舰店", asked=("7",),
    fields={"amount": "¥1.00", "state": {"value": "closed", "source": "shop"}, "words": "[red]x[/red]\u202e"}, error=None, accepted=True,
    differences=(),
)  # fmt: skip
OTHER = GOOD.model_copy(
    update={
        "differences": (
            FieldDifference(field="amount", kind="changed", expected="¥9.00", found="¥1.00"),
            FieldDifference(field="gone.deep", kind="missing", expected=12),
            FieldDifference(field="words", kind="extra", found="new"),
        )
    }
)
NEW = GOOD.model_copy(update={"accepted": False})
FAILED = GOOD.model_copy(
    update={"fields": None, "error": {"error": "Unreadable", "target": "退款金额", "raw": "¥1O.00"}}
)


class FakePages:
    """Reads what it is told to, and remembers what it was asked to write."""

    def __init__(self) -> None:
        self.reading = GOOD
        self.written: list[PageReading] = []
        self.asked: object = None

    async def show_page(self, folder: Path, picture: Path | None = None) -> PageReading:
        return self.reading.model_copy(update={"picture": str(picture or "")})

    async def check_pages(self, places: Sequence[Path]) -> PageCheck:
        self.asked = list(places)
        return PageCheck(checked=3, differing=() if self.reading.as_expected else (self.reading,))

    async def accept_page(self, reading: PageReading) -> None:
        self.written.append(reading)

    async def keep_page(self, bundle: Path, folder: Path, at: datetime | None = None) -> KeptPage:
        self.asked = (bundle, folder, at)
        return KeptPage(reading=FAILED, scrubbed=("buyer.name",))


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch) -> FakePages:
    fake = FakePages()
    monkeypatch.setattr(pages, "use_cases", lambda: fake)
    for name in ("LANG", "LC_ALL"):
        monkeypatch.setenv(name, "en_US.UTF-8")
    return fake


def call(*words: object, typed: str = "") -> Result:
    return CliRunner().invoke(cli, ["page", *map(str, words)], input=typed, env={"COLUMNS": "200"})


def test_show_tells_page_time_and_fields_and_no_strangers_word_is_obeyed(app: FakePages, tmp_path: Path) -> None:
    shown = call("show", tmp_path)
    assert shown.exit_code == 0
    for word in (
        "taobao/detail.one",
        "One page.",
        "示例旗舰店",
        "2026-11-22 10:00:00",
        "¥1.00",
        "closed",
        "[red]x[/red]⟨U+202E⟩",
    ):
        assert word in shown.stdout
    assert "≠" not in shown.stdout


def test_show_marks_the_fields_that_differ_and_says_both_values(app: FakePages, tmp_path: Path) -> None:
    app.reading = OTHER
    shown = call("show", tmp_path).stdout
    assert [line.split()[1] for line in shown.splitlines() if line.startswith("≠")] == ["amount", "words"]
    assert "¥9.00" in shown
    assert "(nothing)" in shown


def test_show_says_with_which_error_reading_ends_and_where_the_picture_is(app: FakePages, tmp_path: Path) -> None:
    app.reading = FAILED
    shown = call("show", tmp_path, "--picture", tmp_path / "p.png").stdout
    assert "Unreadable · 退款金额 · ¥1O.00" in shown
    assert "p.png" in shown


def test_show_as_json_is_one_object_with_everything(app: FakePages, tmp_path: Path) -> None:
    app.reading = OTHER
    body = json.loads(call("show", tmp_path, "--json").stdout)
    assert body["fields"]["amount"] == "¥1.00"
    assert body["differences"][0] == {"field": "amount", "kind": "changed", "expected": "¥9.00", "found": "¥1.00"}


def test_check_without_a_folder_takes_all_and_ends_with_0_when_all_are_alike(app: FakePages) -> None:
    checked = call("check")
    assert (checked.exit_code, app.asked) == (0, [])
    assert "3 pages, all read as expected" in checked.stdout


@pytest.mark.parametrize("reading", [OTHER, NEW], ids=["differs", "never accepted"])
def test_check_ends_with_1_when_a_page_is_not_as_expected(app: FakePages, tmp_path: Path, reading: PageReading) -> None:
    app.reading = reading
    checked = call("check", tmp_path, "--json")
    assert (checked.exit_code, json.loads(checked.stdout)["exit_code"], app.asked) == (1, 1, [tmp_path])
    assert "1 of 3 pages" in call("check", tmp_path).stdout


@pytest.mark.parametrize(("typed", "written"), [("y\n", 1), ("n\n", 0), ("\n", 0), ("", 0)])
def test_accept_writes_only_after_a_yes(app: FakePages, tmp_path: Path, typed: str, written: int) -> None:
    app.reading = OTHER
    asked = call("accept", tmp_path, typed=typed)
    assert "¥9.00" in asked.stdout, "the change is shown first"
    assert len(app.written) == written
    assert asked.exit_code == 1 - written


def test_accept_asks_nobody_with_yes_and_writes_what_it_showed(app: FakePages, tmp_path: Path) -> None:
    app.reading = OTHER
    assert json.loads(call("accept", tmp_path, "--yes", "--json").stdout)["written"] is True
    assert [one.fields for one in app.written] == [OTHER.fields]


def test_accept_writes_nothing_where_nothing_differs(app: FakePages, tmp_path: Path) -> None:
    assert call("accept", tmp_path, "--yes").exit_code == 0
    assert app.written == []


def test_accept_of_a_page_that_was_never_accepted_shows_all_of_it(app: FakePages, tmp_path: Path) -> None:
    app.reading = NEW
    assert "closed" in call("accept", tmp_path, "--yes").stdout
    assert app.written == [NEW.model_copy(update={"picture": ""})]


def test_accept_as_json_needs_yes(app: FakePages, tmp_path: Path) -> None:
    app.reading = OTHER
    refused = call("accept", tmp_path, "--json")
    assert (refused.exit_code, json.loads(refused.stdout)["error"]) == (2, "recordings.need_yes")
    assert app.written == []


def test_keep_passes_bundle_folder_and_moment_on_and_says_what_people_cost(app: FakePages, tmp_path: Path) -> None:
    kept = call("keep", tmp_path, tmp_path / "taobao" / "detail.new", "--at", "2026-11-22T10:00:00")
    assert kept.exit_code == 0
    assert app.asked == (tmp_path, tmp_path / "taobao" / "detail.new", datetime(2026, 11, 22, 10))  # noqa: DTZ001  # as typed
    assert "buyer.name" in kept.stdout
    assert "page accept" in kept.stdout
