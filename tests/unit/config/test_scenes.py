"""Claims on what a shop owner reads when a scene is wrong: line, key as the file counts it, and a sentence in both languages."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.catalogue import Catalogue
from bot.config import BadConfig, HomeFiles, read_policy, write_home
from tests.unit.config.homes import line_of

FORM = '[[scene]]\nscene = "keep_goods"\nid = "x"\nname = "x"\nmax_amount = "1.00"\n'
FULL = "\n".join(FORM.replace('"x"', f'"x{n}"') for n in range(11))


def told(root: Path, text: str, language: str) -> list[str]:
    files = HomeFiles(root / "home")
    write_home(files.root, policy="balanced", force=True)
    files.policy.write_text(files.policy.read_text(encoding="utf-8") + "\n" + text, encoding="utf-8")
    with pytest.raises(BadConfig) as caught:
        read_policy(files.root)
    return [problem.told(Catalogue(language)) for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("text", "key", "zh", "en"),
    [
        (
            FORM.replace("keep_goods", "unshipped_refund") + 'goods = ["a"]',
            "goods",
            "没有「商品限定条件",
            "has no condition on goods",
        ),
        (FORM.replace("keep_goods", "tagged_keep_goods") + 'goods = ["a"]', "goods", "自动退款不退货」没有", "has no"),
        (FORM + 'windw = "1"', "windw", "是不是想写 window", "window"),
        (FORM + 'window = "22-6"', "window", "22:00-06:00", "22:00-06:00"),
        (FORM + "valid_to = 3", "valid_to", "不是日期", "is no day"),
        (FORM + 'goods = ["，"]', "goods[1]", "没有文字", "no letters"),
        (FORM + 'order_states = ["unshipped"]', "order_states", "只管已发货", "shipped orders"),
        (FORM + "max_amoun = 1", "max_amoun", "max_amount", "max_amount"),
    ],
)
def test_a_wrong_key_is_told_with_its_line_and_name(tmp_path: Path, text: str, key: str, zh: str, en: str) -> None:
    for language, words in (("zh", zh), ("en", en)):
        first = told(tmp_path, text, language)[0]
        line = line_of(tmp_path / "home" / "policy.toml", text.splitlines()[-1])
        assert first.startswith(f"policy.toml:{line}: scene[1].{key}: "), first
        assert words in first


def test_the_eleventh_of_a_scene_is_told_where_it_stands(tmp_path: Path) -> None:
    (first,) = told(tmp_path, FULL, "zh")
    assert "scene[11]: 场景「发货后-不退货仅退款」最多 10 条策略" in first
    assert first.startswith(f"policy.toml:{line_of(tmp_path / 'home' / 'policy.toml', 'x10') - 2}")


def test_an_unknown_scene_is_told_with_those_that_there_are(tmp_path: Path) -> None:
    (first,) = told(tmp_path, FORM.replace("keep_goods", "after_shipping"), "en")
    assert "scene is " in first
    assert "unshipped_refund" in first
    assert "<" not in first
