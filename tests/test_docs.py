"""The documents name everything that there is, and nothing that there is not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import get_args

import pytest
import typer
from pydantic import BaseModel

from bot import errors
from bot.cli.commands import cli
from bot.config.settings import Settings
from bot.domain.action import Mark, Verb
from bot.domain.case import AftersaleType, CaseState
from bot.ports.exits import ExitCode

ROOT = Path(__file__).parents[1]
RUNBOOK, REFERENCE, GLOSSARY = (
    (ROOT / "docs" / f"{name}.md").read_text(encoding="utf-8") for name in ("runbook", "reference", "glossary")
)
HEAVY = 150_000
"""Bytes of a picture: whoever reads a page of the documents loads a handful of them."""

DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


def sections(text: str, level: int = 3) -> dict[str, str]:
    """Heading (without backticks) to what stands under it."""
    found = re.split(rf"^{'#' * level} (.+)$", text, flags=re.MULTILINE)[1:]
    bodies = (re.split(r"^#{1,3} ", body, flags=re.MULTILINE)[0] for body in found[1::2])
    return {heading.replace("`", ""): body.strip() for heading, body in zip(found[::2], bodies, strict=True)}


def error_tree(base: type[errors.RefundPilotError] = errors.RefundPilotError) -> Iterator[str]:
    if base.__module__ == "bot.errors":
        yield base.__name__
        for child in base.__subclasses__():
            yield from error_tree(child)


def settings(model: type[BaseModel] = Settings, above: str = "") -> Iterator[str]:
    for name, entry in model.model_fields.items():
        kind: object = entry.annotation
        while inner := get_args(kind):
            kind = inner[0]
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from settings(kind, f"{name}.")
        else:
            yield f"{above}{name}"


def commands() -> dict[str, typer.core.TyperCommand]:
    """Full name of each command to the command."""
    return dict(_below(typer.main.get_command(cli), "refundpilot"))


def _below(command: object, name: str) -> Iterator[tuple[str, typer.core.TyperCommand]]:
    inner = getattr(command, "commands", None)
    if inner is None:
        assert isinstance(command, typer.core.TyperCommand)
        yield name, command
        return
    for key, child in inner.items():
        yield from _below(child, f"{name} {key}")


def test_each_error_has_its_section_in_the_runbook_and_no_other_has_one() -> None:
    told = sections(RUNBOOK.split("\n## Errors\n")[1])
    assert sorted(told) == sorted(error_tree())
    assert all(told.values())


@pytest.mark.parametrize("code", ExitCode, ids=str)
def test_each_exit_code_has_its_section_in_the_runbook(code: ExitCode) -> None:
    assert sections(RUNBOOK)[f"{code.value}: {code.name}"]


def test_each_setting_has_its_section_in_the_reference_and_no_other_has_one() -> None:
    told = sections(REFERENCE.split("\n## Settings\n")[1].split("\n## ")[0])
    # what `[schedule]` and `[shop.schedule]` share has one section
    assert sorted(told) == sorted(set(settings()))
    assert all(told.values())


def test_each_command_has_its_section_with_all_its_options_and_no_other_has_one() -> None:
    told = sections(REFERENCE.split("\n## Commands\n")[1].split("\n## ")[0])
    known = commands()
    assert sorted(told) == sorted(known)
    lost = [
        f"{name} {option}"
        for name, command in known.items()
        for parameter in command.params
        for option in parameter.opts
        if option.startswith("--") and option != "--help" and f"`{option}" not in told[name]
    ]
    assert lost == []


@pytest.mark.parametrize("word", [*Verb, *AftersaleType, *CaseState, *Mark], ids=str)
def test_each_word_of_the_trade_stands_in_the_glossary(word: str) -> None:
    assert f"`{word}`" in GLOSSARY


@pytest.mark.parametrize("name", ["README.md", "README.zh-CN.md"])
def test_readme_has_the_two_promised_commands_as_lines_of_their_own(name: str) -> None:
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    assert "pip install uv && uv run refundpilot demo" in lines
    assert "pip install uv && uv run pytest" in lines


def test_both_readmes_show_the_same_commands_and_pictures() -> None:
    shown = [
        set(re.findall(r"refundpilot [a-z]+|stop --[a-z-]+|docs/[\w./-]+", (ROOT / name).read_text(encoding="utf-8")))
        for name in ("README.md", "README.zh-CN.md")
    ]
    assert shown[0] - shown[1] == set()
    assert shown[1] - shown[0] == set()


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_between_documents_leads_somewhere(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    lost = []
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if "://" in target:
            continue
        path, _, anchor = target.partition("#")
        file = (document.parent / path) if path else document
        if not file.is_file() or (anchor and anchor not in anchors(file)):
            lost.append(target)
    assert lost == []


def test_every_picture_is_shown_by_a_document_and_none_is_heavy() -> None:
    kept = sorted((ROOT / "docs" / "pictures").iterdir())
    told = [re.findall(r"!\[[^\]]+\]\((\S+)\)", document.read_text(encoding="utf-8")) for document in DOCUMENTS]
    shown = {
        (document.parent / one).resolve() for document, found in zip(DOCUMENTS, told, strict=True) for one in found
    }
    assert [picture.name for picture in kept if picture.resolve() not in shown] == []
    assert [picture.name for picture in kept if picture.stat().st_size > HEAVY] == []


def anchors(file: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", file.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_every_command_that_a_document_shows_exists() -> None:
    known = {name.removeprefix("refundpilot ").split()[0] for name in commands()}
    shown = {
        (document.name, word)
        for document, word in (
            (document, word)
            for document in DOCUMENTS
            for word in re.findall(r"refundpilot ([a-z]+)\b", document.read_text(encoding="utf-8"))
        )
    }
    assert {(name, word) for name, word in shown if word not in known} == set()


def test_decisions_are_numbered_listed_and_in_one_form() -> None:
    folder = ROOT / "docs" / "adr"
    decisions = sorted(folder.glob("[0-9]*.md"))
    index = (folder / "README.md").read_text(encoding="utf-8")
    assert [path.name[:4] for path in decisions] == [f"{n:04d}" for n in range(1, len(decisions) + 1)]
    for path, part in product(decisions, ("Status: ", "## Context", "## Decision", "## Consequences")):
        assert part in path.read_text(encoding="utf-8"), f"{path.name}: {part}"
    assert all(f"({path.name})" in index for path in decisions)
