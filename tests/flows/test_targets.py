"""What the selectors' loader takes and refuses (peers.md M7, M8)."""

from pathlib import Path

import pytest

from bot.browser.targets import load_targets
from bot.errors import ConfigError

GOOD = """
[list.next]
use = "read"
candidates = [{ role = "button", name = "Next" }, { text = "Next" }]

[detail.agree]
use = "write"
role = "button"
name = "Agree"
within = "section"
title = "Acts"
"""


def shop(folder: Path, text: str) -> Path:
    (folder / "shop").mkdir()
    (folder / "shop" / "page.toml").write_text(text, encoding="utf-8")
    return folder


def test_a_read_target_keeps_its_candidates_in_order(tmp_path: Path) -> None:
    targets = load_targets("shop", shop(tmp_path, GOOD))
    assert [one.role or one.text for one in targets.read("list.next").candidates] == ["button", "Next"]


def test_a_write_target_has_one_exact_pattern(tmp_path: Path) -> None:
    target = load_targets("shop", shop(tmp_path, GOOD)).write("detail.agree")
    assert (target.pattern.name, target.pattern.exact) == ("Agree", True)


WRITE = '[d.x]\nuse = "write"\nrole = "button"\nname = "A"\nwithin = "page"\n'
BAD = {
    "a fallback for a hand": (WRITE + 'candidates = [{ text = "A" }]\n', 6, "d.x.candidates"),
    "a position": (WRITE + "nth = 0\n", 6, "d.x.nth"),
    "another position": (WRITE + "first = true\n", 6, "d.x.first"),
    "a position within a candidate": ('[d.x]\nuse = "read"\ncandidates = [{ role = "link", nth = 2 }]\n', 1, "d.x.nth"),
    "a loose name": (WRITE + "exact = false\n", 6, "d.x.exact"),
    "a pattern for a name": (WRITE.replace('"A"', '"/A.*/"'), 1, "exact"),
    "a wildcard for a name": (WRITE.replace('"A"', '"A*"'), 1, "exact"),
    "CSS for a hand": (WRITE.replace('role = "button"\nname = "A"', 'css = "button"'), 3, "d.x.css"),
    "a role without a name": (WRITE.replace('name = "A"\n', ""), 1, "d.x"),
    "no scope": (WRITE.replace('within = "page"\n', ""), 1, "d.x.within"),
    "a scope without its title": (WRITE.replace('"page"', '"dialog"'), 1, "title"),
    "an unknown key": (WRITE + "colour = 1\n", 6, "d.x.colour"),
    "no use": (WRITE.replace('use = "write"\n', ""), 1, "d.x.use"),
    "no candidates": ('[d.x]\nuse = "read"\ncandidates = []\n', 1, "candidates"),
    "two ways in one candidate": ('[d.x]\nuse = "read"\ncandidates = [{ text = "A", css = "b" }]\n', 3, "exactly one"),
    "a bare value": ("[d]\nx = 1\n", 1, "d.x"),
}


@pytest.mark.parametrize(("text", "line", "named"), BAD.values(), ids=BAD)
def test_what_could_press_the_wrong_thing_is_refused_with_file_line_and_key(
    tmp_path: Path, text: str, line: int, named: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        load_targets("shop", shop(tmp_path, text))
    assert f"page.toml:{line}:" in str(caught.value)
    assert named in str(caught.value)


def test_broken_toml_names_the_line(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"page\.toml: .*line 2"):
        load_targets("shop", shop(tmp_path, "[a.b]\nuse = \n"))


def test_a_target_given_in_two_files_is_refused(tmp_path: Path) -> None:
    shop(tmp_path, WRITE)
    (tmp_path / "shop" / "other.toml").write_text(WRITE, encoding="utf-8")
    with pytest.raises(ConfigError, match="stands twice"):
        load_targets("shop", tmp_path)


def test_a_platform_without_selectors_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no selectors"):
        load_targets("nowhere", tmp_path)


def test_asking_for_a_target_that_no_file_has_is_an_error(tmp_path: Path) -> None:
    targets = load_targets("shop", shop(tmp_path, GOOD))
    with pytest.raises(ConfigError, match=r"detail\.refuse"):
        targets.write("detail.refuse")


@pytest.mark.parametrize("platform", ["taobao", "courier"])
def test_the_shipped_selectors_load(platform: str) -> None:
    assert load_targets(platform).platform == platform
