"""Loads a home: all its files checked as one, or one error that tells everything wrong with them."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from pydantic import SecretStr, ValidationError

from bot.config import channels
from bot.config.credentials import (
    CHANNEL,
    COURIER,
    COURIER_DESK,
    Credentials,
    Login,
    LoginKey,
    UnprotectedKeyring,
    Vault,
    accounts,
    mode_problem,
    real_vault,
)
from bot.config.documents import Document, read_document
from bot.config.files import HomeFiles
from bot.config.lastgood import last_good
from bot.config.lines import KeyPath
from bot.config.problems import BadConfig, Problem, of_model
from bot.config.rules import read_rules
from bot.config.settings import Settings
from bot.domain.decision import Reason
from bot.domain.ids import ShopKey
from bot.engine.policy import Policy


@dataclass(frozen=True, slots=True)
class Home:
    """One installation, read once: a sweep keeps the one it began with, so every decision names one config hash (F51, I11)."""

    path: Path
    settings: Settings
    policy: Policy
    config_hash: str
    logins: Mapping[LoginKey, Login] = field(repr=False)
    broken_policy: tuple[Problem, ...] = ()
    """What is wrong with policy.toml while `policy` is the last whole one (F51); empty while the file is whole."""
    broken_settings: tuple[Problem, ...] = ()
    """The same of refundpilot.toml, while `settings` are the last whole ones."""

    @property
    def files(self) -> HomeFiles:
        return HomeFiles(self.path)

    def with_shadow(self, file: Path) -> Home:
        """The same, with this candidate beside the live policy in every shop. Raises BadConfig: it is no policy."""
        policy, problems = read_rules(read_document(file))
        if policy is None:
            raise BadConfig(problems)
        shops = tuple(shop.model_copy(update={"shadow": ""}) for shop in self.settings.shop)
        settings = self.settings.model_copy(update={"shadow": str(file.resolve()), "shop": shops})
        return replace(self, settings=settings)

    def with_calls_and_times_of(self, other: Home) -> Home:
        """The same, calling whom the other calls over what, and sweeping when it does: what needs no border between two sweeps.

        A sweep that goes on under this home stays under its config hash; shops that only one of the two has are left alone.
        """
        times = {shop.key: shop.schedule for shop in other.settings.shop}
        shops = [
            shop.model_copy(update={"schedule": times.get(shop.key, shop.schedule)}) for shop in self.settings.shop
        ]
        taken = {name: getattr(other.settings, name) for name in ("alarms", "channel", "schedule")}
        settings = self.settings.model_copy(update={**taken, "shop": tuple(shops)})
        logins = {key: login for key, login in self.logins.items() if key.platform != CHANNEL}
        calls = {key: login for key, login in other.logins.items() if key.platform == CHANNEL}
        return replace(self, settings=settings, logins={**logins, **calls})

    def shop_login(self, shop: ShopKey) -> Login:
        """The account that signs in to a shop of the settings. KeyError when the home was loaded without logins."""
        return self.logins[LoginKey(platform=shop.platform, name=shop.shop_id)]

    def courier_login(self, name: str) -> Login:
        """The account that signs in to a courier of the settings. KeyError when the home was loaded without logins."""
        return self.logins[LoginKey(platform=COURIER, name=name)]

    def desk_login(self, name: str) -> Login:
        """The account that signs in to a courier's program. KeyError when the home was loaded without logins."""
        return self.logins[LoginKey(platform=COURIER_DESK, name=name)]

    def channel_secret(self, name: str, field: str) -> SecretStr | None:
        """What stands with the passwords for a channel of alarms; None where the home was loaded without logins."""
        login = self.logins.get(LoginKey(platform=CHANNEL, name=name, field=field))
        return login.password if login else None


def load_home(
    path: Path,
    *,
    with_logins: bool = True,
    vault: Vault | None = None,
    last_good_policy: bool = False,
    last_good_settings: bool = False,
) -> Home:
    """Read and check every file of a home.

    Args:
        path: the home's folder.
        with_logins: False for commands that never sign in; then credentials are neither read nor demanded.
        vault: a keyring to use instead of the PC's own.
        last_good_policy: take the last whole policy where policy.toml is broken; `Home.broken_policy` tells of it.
        last_good_settings: the same for refundpilot.toml, as far as a service kept them; `Home.broken_settings` tells of it.

    Raises:
        BadConfig: file, line and key of everything wrong.
    """
    files = HomeFiles(path)
    documents = read_document(files.settings), read_document(files.policy)
    settings, problems = read_settings(documents[0])
    wrong: list[Problem] = []
    rescue = last_good(files.last_good_settings) if problems and last_good_settings else None
    if rescue is not None and (rescued_settings := read_settings(rescue)[0]) is not None:
        wrong, problems, settings, documents = problems, [], rescued_settings, (rescue, documents[1])
    policy, broken = read_rules(documents[1])
    kept = last_good(files.last_good) if broken and last_good_policy else None
    if kept is not None and (rescued := read_rules(kept)[0]) is not None:
        policy, documents = rescued, (documents[0], kept)
    else:
        problems += broken
    logins: dict[LoginKey, Login] = {}
    if with_logins and settings:
        logins, more = _logins(files, settings, vault)
        problems += more
    if problems or settings is None or policy is None:
        raise BadConfig(problems)
    return Home(path, settings, policy, config_hash(*documents), logins, tuple(broken), tuple(wrong))


def config_hash(*documents: Document) -> str:
    """SHA-256 of what the files say; comments and order do not count."""
    said = json.dumps([document.data for document in documents], sort_keys=True, default=str, ensure_ascii=False)
    return hashlib.sha256(said.encode()).hexdigest()


def read_settings(document: Document) -> tuple[Settings | None, list[Problem]]:
    """What refundpilot.toml says, None where it does not hold; and everything that is wrong with it."""
    if document.problems:
        return None, [*document.problems]
    found = [document.problem(path, reason) for path, reason in misfits(document.data)]
    try:
        return Settings.model_validate(document.data), found
    except ValidationError as error:
        return None, [document.problem(*told) for told in of_model(error, Settings)] + found


def _logins(files: HomeFiles, settings: Settings, vault: Vault | None) -> tuple[dict[LoginKey, Login], list[Problem]]:
    document = read_document(files.credentials, optional=True)
    if document.problems:
        return {}, [*document.problems]
    try:
        credentials = Credentials(document, accounts(settings), vault or real_vault())
    except UnprotectedKeyring as error:
        return {}, [
            Problem(file=document.name, line=0, key="", reason=_reason("keyring_plaintext", backend=str(error)))
        ]
    unsafe = mode_problem(files.credentials)
    return credentials.logins, [*credentials.problems, *([unsafe] if unsafe else [])]


def misfits(data: Mapping[str, Any]) -> Iterator[tuple[KeyPath, Reason]]:
    """What no single key shows: names used twice, and names that point nowhere."""
    couriers = [entry.get("name") for entry in _tables(data, "courier")]
    shops = [(entry.get("platform"), entry.get("shop_id")) for entry in _tables(data, "shop")]
    called = [entry.get("name") for entry in _tables(data, "channel")]
    yield from ((("courier", n, "name"), _reason("twice", got=str(couriers[n]))) for n in _repeated(couriers))
    desks = [entry.get("name") for entry in _tables(data, "courier_desk")]
    yield from ((("courier_desk", n, "name"), _reason("twice", got=str(desks[n]))) for n in _repeated(desks))
    yield from ((("channel", n, "name"), _reason("twice", got=str(called[n]))) for n in _repeated(called))
    console = data.get("console")
    people = [entry.get("name") for entry in _tables(console, "person")] if isinstance(console, dict) else []
    yield from ((("console", "person", n, "name"), _reason("twice", got=str(people[n]))) for n in _repeated(people))
    yield from ((("shop", n, "shop_id"), _reason("twice", got=str(shops[n][1]))) for n in _repeated(shops))
    for n, shop in enumerate(_tables(data, "shop")):
        name = shop.get("courier", "main")
        if name and name not in couriers:
            yield ("shop", n, "courier"), _reason("no_courier", got=str(name))
    alarms = data.get("alarms", {})
    schedule = data.get("schedule", {})
    mails = [entry.get("name") for entry in _tables(data, "channel") if entry.get("kind") == "mail"]
    for n, name in enumerate(schedule.get("report_by", ()) if isinstance(schedule, dict) else ()):
        if name not in mails:
            yield ("schedule", "report_by", n), _reason("no_mail", got=str(name))
    yield from channels.misfits(_tables(data, "channel"), alarms if isinstance(alarms, dict) else {})


def _tables(data: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    entries = data.get(key, [])
    return [entry for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []


def _repeated(names: list[Any]) -> Iterator[int]:
    """Places of every name after its first use."""
    seen: Counter[str] = Counter()
    for n, name in enumerate(map(str, names)):
        if seen[name]:
            yield n
        seen[name] += 1


def _reason(code: str, **params: str) -> Reason:
    return Reason(code=f"config.{code}", params=params)
