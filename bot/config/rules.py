"""policy.toml: handed to the engine's parser as plain data; what it refuses is told with file, line and key."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from pydantic import ValidationError

from bot.config.documents import Document, read_document
from bot.config.files import HomeFiles
from bot.config.lines import KeyPath
from bot.config.problems import BadConfig, Problem, of_model
from bot.domain.decision import Reason
from bot.engine.policy import Policy, parse_policy, scene_lacking, without_tag
from bot.errors import ConfigError

_DETAIL = 200
"""Characters of an unexpected error that a problem quotes."""


def read_policy(home: Path) -> Policy:
    """The policy of a home alone, settings and passwords aside.

    Raises:
        BadConfig: file, line and key of everything wrong with it.
    """
    policy, problems = read_rules(read_document(HomeFiles(home).policy))
    if policy is None:
        raise BadConfig(problems)
    return policy


def read_rules(document: Document) -> tuple[Policy | None, list[Problem]]:
    """The policy, or what is wrong with it; never raises."""
    if document.problems:
        return None, [*document.problems]
    try:
        return _parsed(document)
    except Exception as error:  # noqa: BLE001 - S19: whatever goes wrong in reading, the policy is refused and a sweep goes on
        reason = Reason(code="config.puzzling", params={"detail": repr(error)[:_DETAIL]})
        return None, [document.problem((), reason)]


def _parsed(document: Document) -> tuple[Policy | None, list[Problem]]:
    try:
        return parse_policy(document.data), []
    except ConfigError as error:
        return None, [document.problem(path, reason) for path, reason in _refusals(error)]


def _refusals(error: ConfigError) -> Iterable[tuple[KeyPath, Reason]]:
    """The engine tells one place; pydantic, which it asked, knows them all."""
    cause = error.__cause__
    if isinstance(cause, ValidationError):
        return [_in_file(path, reason) for path, reason in of_model(cause, Policy)]
    return [((), Reason(code="config.value", params={"detail": str(error)}))]


def _in_file(path: KeyPath, reason: Reason) -> tuple[KeyPath, Reason]:
    """As the file spells the key; a field that only other scenes have is told so (domain.md 42)."""
    if reason.code.startswith("config.unknown_key") and (scene := scene_lacking(path)):
        reason = Reason(code="config.scene_lacks", params={"field": str(path[-1]), "scene": scene})
    return without_tag(path), reason
