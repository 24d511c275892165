"""Pins are whole, agree with one another, and name no registry (docs/adr/0004)."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
PINS = {canonicalize_name(pin.name): pin for pin in map(Requirement, PROJECT["tool"]["uv"]["constraint-dependencies"])}

USED_BY_OTHERS = {"python-multipart", "tzdata"}
"""Starlette parses forms with the one, zoneinfo reads the other; neither is imported by its name."""


def imported() -> Iterator[str]:
    """Top-level names of all that the program imports, late imports too."""
    for package in ("bot", "flows", "simulator"):
        for file in (ROOT / package).rglob("*.py"):
            yield from re.findall(r"^ *(?:from|import) (\w+)", file.read_text(encoding="utf-8"), flags=re.MULTILINE)


def test_every_dependency_is_used() -> None:
    installed = packages_distributions()
    used = {canonicalize_name(name) for module in set(imported()) for name in installed.get(module, ())}
    every = map(Requirement, PROJECT["project"]["dependencies"])
    wanted = {canonicalize_name(one.name) for one in every if one.marker is None or one.marker.evaluate()}
    assert wanted - used == USED_BY_OTHERS


def test_every_pin_is_one_exact_version() -> None:
    assert all(re.fullmatch(r"==[^*,]+", str(pin.specifier)) for pin in PINS.values())


def test_every_dependency_is_pinned_within_its_bounds() -> None:
    direct = [*PROJECT["project"]["dependencies"], *PROJECT["dependency-groups"]["dev"]]
    for wanted in map(Requirement, direct):
        (pin,) = PINS[canonicalize_name(wanted.name)].specifier
        assert wanted.specifier.contains(pin.version), f"{wanted}: run python .ci/pin.py"


def test_lock_has_the_same_versions_each_with_a_hash() -> None:
    locked = dict(re.findall(r"^([A-Za-z0-9_.-]+)==([^\s;\\]+)", LOCK, flags=re.MULTILINE))
    assert {canonicalize_name(name): f"=={version}" for name, version in locked.items()} == {
        name: str(pin.specifier) for name, pin in PINS.items()
    }
    entries = re.split(r"^(?=[A-Za-z0-9])", LOCK, flags=re.MULTILINE)[1:]
    assert all("--hash=sha256:" in entry for entry in entries)


def test_no_file_of_the_set_up_names_a_registry() -> None:
    for text in (LOCK, (ROOT / "pyproject.toml").read_text(encoding="utf-8")):
        assert "://" not in text
        assert "index" not in text.replace("project-index", "")


@pytest.mark.parametrize("document", [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")], ids=lambda file: file.name)
def test_no_document_names_a_registrys_host(document: Path) -> None:
    assert not re.search(
        r"\b(pypi\.org|pythonhosted\.org|npmjs\.(com|org)|deb\.debian\.org)\b", document.read_text(encoding="utf-8")
    )
