"""Platforms look alike from outside: the same file for the same job (models.md 4.2)."""

from pathlib import Path

import pytest

import flows
from bot.browser.targets import load_targets
from bot.errors import ConfigError
from flows.registry import PLATFORMS, Login, courier, platform_of

HOME = Path(flows.__file__).parent
ALL = {"__init__", "spec", "session", "parse", "wording", "endpoints", "pages", "tape"}
MERCHANT = ALL | {
    "refunds",
    "listing",
    "list_tab",
    "list_page",
    "detail",
    "case_page",
    "firing",
    "answers",
    "complaint",
    "negotiate",
    "evidence",
    "intercept",
    "office",
    "tour",
}


def files(platform: str) -> set[str]:
    return {file.stem for file in (HOME / platform).glob("*.py")}


@pytest.mark.parametrize("platform", sorted(PLATFORMS))
def test_a_merchants_platform_has_the_same_files_as_all_others(platform: str) -> None:
    assert files(platform) == MERCHANT


def test_a_courier_has_the_files_that_every_platform_has() -> None:
    assert files("courier") == ALL | {"trails"}


@pytest.mark.parametrize("platform", [*sorted(PLATFORMS), "courier"])
def test_every_target_that_a_platform_names_is_in_its_selectors_and_none_is_idle(platform: str) -> None:
    source = "".join(
        file.read_text(encoding="utf-8") for file in [*(HOME / platform).glob("*.py"), HOME / "sign_in.py"]
    )
    targets = load_targets(platform)
    for key in [*targets.reads, *targets.writes]:
        screen, name = key.split(".")
        built = f'"{screen}"' in source and (f'"{name}"' in source or f".{name}" in source)
        assert f'"{key}"' in source or built or f'screen("{screen}")' in source, f"{key} is idle"


def test_no_selectors_hide_a_python_module() -> None:
    assert not list((HOME.parent / "selectors").rglob("*.py"))


def test_an_unknown_platform_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ConfigError, match="taobao"):
        platform_of("amazon")


def test_the_courier_has_a_name() -> None:
    assert courier().name == "courier"


def test_a_login_never_shows_its_secret() -> None:
    assert "hunter2" not in repr(Login("clerk", "hunter2"))
