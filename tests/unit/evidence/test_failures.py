"""Bundles of failures are complete, private and few, and no name leads out of its folder."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from bot.domain.ids import RunId, ShopKey
from bot.errors import Sight
from bot.evidence import failures
from bot.evidence.failures import FailureFolder, safe_name
from bot.ports.failures import Failure

SEEN = Sight(b"\x89PNG", "<html>退款")


def failure(case: str = "70001", target: str = "detail.amount") -> Failure:
    shop = ShopKey(platform="test", shop_id="s1")
    return Failure(run=RunId("run-1"), shop=shop, case_id=case, code="error.page", target=target, raw="¥1O.00")


def test_bundle_holds_picture_page_and_what_was_sought(tmp_path: Path) -> None:
    bundle = Path(FailureFolder(tmp_path / "failures").keep(failure(), SEEN))
    assert bundle == tmp_path / "failures" / "run-1-70001-detail.amount"
    assert (bundle / "page.png").read_bytes() == SEEN.picture
    assert (bundle / "page.html").read_text(encoding="utf-8") == SEEN.html
    told = json.loads((bundle / "sought.json").read_text(encoding="utf-8"))
    assert (told["target"], told["raw"], told["shop"]["shop_id"]) == ("detail.amount", "¥1O.00", "s1")


def test_bundle_holds_the_tree_and_the_diagnosis_where_there_is_one(tmp_path: Path) -> None:
    sight = Sight(SEEN.picture, SEEN.html, "- button\n")
    bundle = Path(
        FailureFolder(tmp_path, lambda told, seen: f"{told.target} {seen.tree}".encode()).keep(failure(), sight)
    )
    assert (bundle / "page.yaml").read_text(encoding="utf-8") == sight.tree
    assert (bundle / "drift.json").read_text(encoding="utf-8") == "detail.amount - button\n"


@pytest.mark.skipif(os.name != "posix", reason="Windows has the user's own profile rights instead of modes")
def test_bundle_is_for_its_owner_alone(tmp_path: Path) -> None:
    bundle = Path(FailureFolder(tmp_path / "failures").keep(failure(), SEEN))
    modes = {path.stat().st_mode & 0o077 for path in (bundle, *bundle.iterdir())}
    assert modes == {0}


def test_page_that_showed_nothing_leaves_the_words(tmp_path: Path) -> None:
    bundle = Path(FailureFolder(tmp_path).keep(failure(case=""), Sight()))
    assert [path.name for path in bundle.iterdir()] == ["sought.json"]
    assert bundle.name.startswith("run-1-list")


def test_disk_that_refuses_makes_no_second_failure(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    assert FailureFolder(tmp_path / "file").keep(failure(), SEEN) == ""


def test_only_the_newest_bundles_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(failures, "MOST", 3)
    book = FailureFolder(tmp_path)
    for number in range(5):
        bundle = Path(book.keep(failure(case=f"{number}"), SEEN))
        os.utime(bundle, ns=(number, number))
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"run-1-{n}-detail.amount" for n in (2, 3, 4)]


@pytest.mark.parametrize(
    "hostile",
    [
        "../../etc/passwd",
        "/etc/passwd",
        "\\\\server\\share",
        "C:\\x",
        "con",
        "NUL.txt",
        "a\x00b",
        "x" * 300,
        "\u202egnp",
        "..",
        "",
        "退款",
    ],
)
def test_no_name_leads_out_of_its_folder(hostile: str, tmp_path: Path) -> None:
    name = safe_name(hostile)
    assert (tmp_path / name).resolve().parent == tmp_path.resolve()
    assert name.isascii()
    assert 0 < len(name) <= 81
    assert name.split(".")[0].lower() not in {"con", "nul"}
