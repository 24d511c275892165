"""policy.toml: handed to the engine's parser as plain data; what it refuses is told with file, line and key."""

from __future__ import annotations

import re

from bot.config.documents import Document
from bot.config.lines import KeyPath
from bot.config.problems import Problem
from bot.domain.decision import Reason
from bot.engine.policy import Policy, parse_policy
from bot.errors import ConfigError

_STEP = re.compile(r"\[(\d+)\]|([^.\[\]]+)")


def read_rules(document: Document) -> tuple[Policy | None, list[Problem]]:
    """The policy, or what is wrong with it."""
    if document.problems:
        return None, [*document.problems]
    try:
        return parse_policy(document.data), []
    except ConfigError as error:
        reason = Reason(code="config.value", params={"detail": str(error)})
        return None, [document.problem(key_path(error.target), reason, error.target)]


def key_path(text: str) -> KeyPath:
    """`strategy[0].when.amount` as the engine names it, to the path that line numbers are kept under."""
    return tuple(int(index) if index else key for index, key in _STEP.findall(text))
