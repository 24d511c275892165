"""A simulator's sandbox sheet (docs/simulator.md): shops, courier and sign-ins that a trial home points at."""

from __future__ import annotations

from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, SecretStr, ValidationError

from bot.errors import ConfigError


class _Sheet(BaseModel):
    """Open to keys that a later simulator adds: what we do not know, we do not need."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class SandboxShop(_Sheet):
    """One shop of the sheet."""

    platform: str
    shop_id: str
    name: str
    account: str
    password: SecretStr


class Sandbox(_Sheet):
    """The sheet that `GET /sandbox.json` answers with; `url` and `courier` are origins."""

    url: str
    courier: str
    courier_account: str
    courier_password: SecretStr
    shops: tuple[SandboxShop, ...]


def read_sandbox(body: str | bytes) -> Sandbox:
    """Parse the sheet.

    Raises:
        ConfigError: it is not one.
    """
    try:
        return Sandbox.model_validate_json(body)
    except ValidationError as error:
        # the input is left out: it has passwords in it
        faults = error.errors(include_input=False)
        told = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in faults)
        keys = ", ".join(".".join(map(str, one["loc"])) for one in faults if one["loc"]) or "JSON"
        raise ConfigError(f"not a simulator's sandbox.json: {told}", raw=keys, code="init.no_sandbox") from None


def sandbox_address(url: str) -> str:
    """Where the sheet of the simulator at `url` is.

    Raises:
        ConfigError: not an http(s) address.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        raise ConfigError(f"not an http address: {url}", raw=url, code="init.bad_address")
    return f"{parts.scheme}://{parts.netloc}/sandbox.json"
