"""A mend is a proposal until a person accepts it by name; then a whole set of selectors is in force in that home alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.app.mending import accept_mend
from bot.app.shelves import diagnosis, mended, put_in_force, shelf_of
from bot.browser.mending import Edit
from bot.domain.ids import RunId, ShopKey
from bot.errors import ConfigError, Sight
from bot.evidence.failures import FailureFolder
from bot.ports.failures import Failure
from bot.resources import shipped

TREE = """- document:
  - heading "操作" [level=2]
  - button "同意退款"
  - dialog "同意退款":
    - heading "同意退款" [level=3]
    - button "关闭"
    - term: 售后编号
    - definition: "1"
    - term: 退款金额
    - definition: ¥2.00
    - button "取消"
    - button "确认同意"
"""
SHOP = ShopKey(platform="taobao", shop_id="s1")


def failure(target: str) -> Failure:
    differences = ('- button "同意退款"', '+ button "确认同意"')
    return Failure(
        run=RunId("run-1"), shop=SHOP, case_id="1", code="x", target=target, screen="s", differences=differences
    )


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path


def bundle_in(home: Path, target: str = "agree_refund.confirm", tree: str = TREE) -> Path:
    kept = FailureFolder(home / "failures", diagnosis(home)).keep(failure(target), Sight(b"", "<p>", tree))
    return Path(kept)


def test_bundle_says_what_is_different_and_what_may_be_meant(home: Path) -> None:
    told = json.loads((bundle_in(home) / "drift.json").read_text(encoding="utf-8"))
    assert (told["target"], told["screen"]) == ("agree_refund.confirm", "agree_refund")
    assert told["difference"] == ['- button "同意退款"', '+ button "确认同意"']
    (best,) = told["candidates"]
    assert (best["role"], best["name"], best["within"], best["title"]) == ("button", "确认同意", "dialog", "同意退款")
    assert best["score"] == sum(best["parts"].values())


@pytest.mark.parametrize(("target", "tree"), [("list.next", TREE), ("", TREE), ("agree_refund.confirm", "no tree")])
def test_bundle_without_a_target_to_mend_has_no_diagnosis(home: Path, target: str, tree: str) -> None:
    assert not (bundle_in(home, target, tree) / "drift.json").exists()


@pytest.mark.parametrize("name", ["", "同意退款", "确认 同意", "确认同意 "])
def test_write_target_is_never_changed_without_its_exact_new_name(home: Path, name: str) -> None:
    bundle = bundle_in(home)
    with pytest.raises(ConfigError) as caught:
        accept_mend(bundle, home, 1, name)
    assert caught.value.reason_code == "mend.other_name"
    assert mended(home) is None


def test_accepted_mend_is_in_force_in_this_home_alone(home: Path) -> None:
    before = {file: file.read_bytes() for file in shipped("selectors").rglob("*.*")}
    result = accept_mend(bundle_in(home), home, 1, "确认同意")
    assert result.accepted
    assert result.places == ("taobao/refunds.toml:53", "taobao/contracts/agree_refund.yaml:11")
    shelf = shelf_of(home, "taobao")
    assert (shelf.folder, shelf.targets.write("agree_refund.confirm").name) == (home / "selectors", "确认同意")
    assert "# The refund list, the detail page and its dialogs." in (home / "selectors/taobao/refunds.toml").read_text(
        encoding="utf-8"
    ), "comments stay"
    assert {file: file.read_bytes() for file in before} == before
    assert sorted(path.name for path in home.iterdir()) == ["failures", "selectors"]


def test_what_is_mended_already_has_nothing_left_to_accept(home: Path) -> None:
    bundle = bundle_in(home)
    accept_mend(bundle, home, 1, "确认同意")
    with pytest.raises(ConfigError) as caught:
        accept_mend(bundle, home, 1, "确认同意")
    assert caught.value.reason_code == "mend.nothing"


def test_set_that_cannot_be_used_never_takes_the_place_of_one_that_can(home: Path) -> None:
    accept_mend(bundle_in(home), home, 1, "确认同意")
    shelf = shelf_of(home, "taobao")
    file = shelf.folder / "taobao" / "refunds.toml"
    with pytest.raises(ConfigError, match=r"candidates"):
        put_in_force(home, shelf, [Edit(file, "", '[a.b]\nuse = "write"\ncandidates = []')])
    assert shelf_of(home, "taobao").targets.write("agree_refund.confirm").name == "确认同意"


@pytest.mark.parametrize(
    ("target", "code"),
    [("", "mend.no_target"), ("no.such", "mend.no_target"), ("agree_refund.confirm", "mend.no_bundle")],
)
def test_bundle_that_cannot_be_mended_says_why(home: Path, target: str, code: str) -> None:
    bundle = bundle_in(home, target)
    if code == "mend.no_bundle":
        (bundle / "page.yaml").unlink()
    with pytest.raises(ConfigError) as caught:
        accept_mend(bundle, home, 1, "x")
    assert caught.value.reason_code == code
