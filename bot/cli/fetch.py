"""Fetches a simulator's sandbox sheet for `init --simulator`."""

from __future__ import annotations

import httpx

from bot.config import Sandbox, read_sandbox, sandbox_address
from bot.errors import ConfigError


def fetch_sandbox(url: str) -> Sandbox:
    """The sheet of the simulator at this address; no proxy is asked, a simulator is near.

    Raises:
        ConfigError: no such address, no answer, or the answer is no sheet.
    """
    address = sandbox_address(url)
    try:
        with httpx.Client(timeout=10, trust_env=False) as client:
            return read_sandbox(client.get(address).raise_for_status().content)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise ConfigError(str(error) or type(error).__name__, page=url, code="init.no_answer") from error
