"""Claims on where a shadow policy comes from: the shop's own, else the home's; a broken one costs the comparison, not the sweep."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from bot.app.shadows import candidate, note
from bot.catalogue import Catalogue
from bot.config import BadConfig, load_home
from bot.domain.decision import Reason
from bot.ports.results import ShadowResult
from tests.unit.config.homes import spoil, trial_home


@dataclass
class Watch:
    """What a person was told."""

    told: list[Reason] = field(default_factory=list)

    def tell(self, reason: Reason) -> None:
        self.told.append(reason)


def shadowed(home: Path, **settings: str) -> tuple[Any, list[Reason]]:
    """The candidate of the home's first shop, and what was told; `settings` go to the top of the file or to the shop."""
    if "top" in settings:
        spoil(home / "refundpilot.toml", 'shadow = ""', f'shadow = "{settings["top"]}"')
    if "shop" in settings:
        spoil(home / "refundpilot.toml", 'platform = "taobao"', f'platform = "taobao"\nshadow = "{settings["shop"]}"')
    loaded, watch = load_home(home), Watch()
    house = cast("Any", SimpleNamespace(home=loaded, catalogue=Catalogue("en")))
    return candidate(house, loaded.settings.shop[0], cast("Any", watch)), watch.told


def another(home: Path, name: str, limit: str = "800.00") -> str:
    """A candidate file in the home."""
    text = (home / "policy.toml").read_text(encoding="utf-8")
    (home / name).write_text(
        text.replace('when.amount_over = "2000.00"', f'when.amount_over = "{limit}"'), encoding="utf-8"
    )
    return name


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return trial_home(tmp_path / "home")


def test_without_a_word_there_is_no_shadow(home: Path) -> None:
    assert shadowed(home) == (None, [])


def test_the_shops_own_goes_before_the_homes(home: Path) -> None:
    top, _ = shadowed(home, top=another(home, "a.toml"))
    own, _ = shadowed(home, shop=another(home, "b.toml", "700.00"))
    assert top.hash != own.hash != load_home(home).policy.hash


@pytest.mark.parametrize("text", ["", "name = 1", None])
def test_a_broken_shadow_is_told_and_left_out(home: Path, text: str | None) -> None:
    if text is not None:
        (home / "a.toml").write_text(text, encoding="utf-8")
    found, told = shadowed(home, top="a.toml")
    assert found is None
    assert [reason.code for reason in told] == ["shadow.broken"]
    assert told[0].params["detail"]


def test_a_shadow_from_the_command_line_is_every_shops_or_refused(home: Path, tmp_path: Path) -> None:
    name = another(home, "a.toml")
    asked = load_home(home).with_shadow(home / name)
    assert Path(asked.settings.shadow) == (home / name).resolve()
    assert {shop.shadow for shop in asked.settings.shop} == {""}
    (tmp_path / "bad.toml").write_text("name = 1", encoding="utf-8")
    with pytest.raises(BadConfig):
        load_home(home).with_shadow(tmp_path / "bad.toml")


@pytest.mark.parametrize(("differ", "code"), [(0, "shadow.agrees"), (3, "shadow.differs")])
def test_the_report_says_how_often_it_differed(differ: int, code: str) -> None:
    told = note(ShadowResult(policy_hash="a" * 64, judged=9, differ=differ))
    assert told.code == code
    assert "9" in Catalogue("en").text(told)
