"""Recordings on disk: a mistake is told with file and key, and what is written is the same every time."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from bot.domain.base import SHANGHAI, Frozen
from bot.domain.facts import Known, Source, Unknown
from bot.domain.money import Money
from bot.errors import ConfigError
from bot.recordings import Meta, Outcome, Recording, Trouble, find_recordings, load, save

NOW = datetime(2026, 11, 22, 10, tzinfo=SHANGHAI)
META = Meta(platform="taobao", page="detail", at=NOW, shop_id="s1", shop_name="店", asked=("1",))


def made(root: Path, name: str = "taobao/detail.one", expected: Outcome | None = None) -> Path:
    save(Recording(root / name, META, "<p>页面</p>", expected or Outcome(fields={"b": 1, "a": "元"})))
    return root / name


def edited(file: str, change: Callable[[dict[str, object]], None]) -> Callable[[Path], None]:
    def act(folder: Path) -> None:
        body = json.loads((folder / file).read_text(encoding="utf-8"))
        change(body)
        (folder / file).write_text(json.dumps(body), encoding="utf-8")

    return act


def written(file: str, text: str) -> Callable[[Path], None]:
    return lambda folder: (folder / file).write_text(text, encoding="utf-8") and None


def gone(file: str) -> Callable[[Path], None]:
    return lambda folder: (folder / file).unlink()


SPOILT = {
    "no meta": (gone("meta.json"), "recordings.missing", "meta.json", ""),
    "no page": (gone("page.html"), "recordings.missing", "page.html", ""),
    "meta without its moment": (edited("meta.json", lambda b: b.pop("at") and None), "recordings.spoilt", "meta.json", "at"),
    "a moment without zone": (edited("meta.json", lambda b: b.update(at="2026-11-22T10:00:00")), "recordings.spoilt", "meta.json", "at"),
    "an unknown key": (edited("meta.json", lambda b: b.update(shopname="x")), "recordings.spoilt", "meta.json", "shopname"),
    "a newer format": (edited("meta.json", lambda b: b.update(format=2)), "recordings.spoilt", "meta.json", "format"),
    "another platform": (edited("meta.json", lambda b: b.update(platform="jd")), "recordings.spoilt", "meta.json", "platform"),
    "another page": (edited("meta.json", lambda b: b.update(page="list")), "recordings.spoilt", "meta.json", "page"),
    "meta that is no JSON": (written("meta.json", "{"), "recordings.spoilt", "meta.json", ""),
    "fields that are a list": (written("expected.json", "[]"), "recordings.spoilt", "expected.json", ""),
    "both expectations": (written("error.json", "{}"), "recordings.spoilt", "error.json", ""),
}  # fmt: skip


@pytest.mark.parametrize(("spoil", "code", "file", "key"), SPOILT.values(), ids=list(SPOILT))
def test_what_is_wrong_is_told_with_file_and_key(
    tmp_path: Path, spoil: Callable[[Path], None], code: str, file: str, key: str
) -> None:
    folder = made(tmp_path)
    spoil(folder)
    with pytest.raises(ConfigError) as caught:
        load(folder)
    assert (caught.value.reason_code, Path(caught.value.page), caught.value.target) == (code, folder / file, key)


def test_an_expected_error_needs_its_class(tmp_path: Path) -> None:
    folder = made(tmp_path, expected=Outcome(trouble=Trouble(error="Unreadable")))
    (folder / "error.json").write_text('{"target": "x"}', encoding="utf-8")
    with pytest.raises(ConfigError, match=r"error\.json: error"):
        load(folder)


@pytest.mark.parametrize(
    "name", ["detail", "taobao/detail", "taobao/Detail.one", "taobao/detail.one.two", "taobao/detail."]
)
def test_a_folder_of_another_name_is_no_recording(tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path / name)
    assert caught.value.reason_code == "recordings.bad_name"


def test_what_is_saved_is_loaded_and_saved_alike(tmp_path: Path) -> None:
    folder = made(tmp_path)
    before = {file.name: file.read_bytes() for file in folder.iterdir()}
    save(load(folder))
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == before
    assert list(json.loads(before["expected.json"])) == ["a", "b"]


def test_the_expectation_that_holds_no_more_goes(tmp_path: Path) -> None:
    folder = made(tmp_path)
    made(tmp_path, expected=Outcome(trouble=Trouble(error="Unreadable", target="a")))
    assert sorted(file.name for file in folder.iterdir()) == ["error.json", "meta.json", "page.html"]


def test_characters_that_nobody_sees_are_written_by_their_number(tmp_path: Path) -> None:
    words = "\u202e反\u200b转"
    folder = made(tmp_path, expected=Outcome(fields={"a": words}))
    assert b"\\u202e" in (folder / "expected.json").read_bytes()
    assert load(folder).expected == Outcome(fields={"a": words})


def test_recordings_are_found_below_a_place_and_runs_are_left_out(tmp_path: Path) -> None:
    one, two = made(tmp_path), made(tmp_path, "taobao/detail.two")
    made(tmp_path / "runs")
    assert find_recordings([tmp_path]) == find_recordings([two, one]) == [one, two]
    with pytest.raises(ConfigError):
        find_recordings([tmp_path / "runs" / "nothing"])


def test_a_folder_with_half_a_recording_is_found_and_told(tmp_path: Path) -> None:
    folder = made(tmp_path)
    (folder / "page.html").unlink()
    assert find_recordings([tmp_path]) == [folder]


class Read(Frozen):
    amount: Money
    at: datetime
    tags: frozenset[str]
    known: Known[int]
    unknown: Unknown


def test_values_are_written_for_people_and_always_alike() -> None:
    known = Known[int](value=3, source=Source.COURIER, seen_at=NOW)
    read = Read(amount=Money(129_950), at=NOW, tags=frozenset("cab"), known=known, unknown=Unknown(why="unknown.label", source=Source.SHOP, raw="?"))  # fmt: skip
    assert Outcome.of_result(read).body == {
        "amount": "¥1,299.50",
        "at": "2026-11-22T10:00:00+08:00",
        "tags": ["a", "b", "c"],
        "known": {"value": 3, "source": "courier"},
        "unknown": {"kind": "unknown", "why": "unknown.label", "source": "shop", "raw": "?"},
    }


def test_what_no_one_knows_how_to_write_is_a_mistake() -> None:
    for result in (1.5, ["no", "fields"]):
        with pytest.raises(TypeError):
            Outcome.of_result(result)
