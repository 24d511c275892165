"""The home that a command works in, and the shop that it means."""

from __future__ import annotations

from pathlib import Path

from bot.alerts.log import LogNotifier
from bot.cli.callers import Caller
from bot.cli.front import Front, told
from bot.cli.swept import attended
from bot.clock import SystemClock
from bot.config import BadConfig, Home, HomeFiles, load_home
from bot.domain.decision import Reason
from bot.domain.ids import ShopKey
from bot.errors import ConfigError
from bot.ports.notifier import Alarm, Urgency


def to_sweep(front: Front, home: Path, *, last_good_settings: bool = False) -> Home:
    """The home of a sweep; one that cannot even begin is an alarm too, since nobody may be looking (F51).

    Raises:
        BadConfig: as `load_home`; a broken policy alone is none where the last whole one is kept, nor are settings if so wanted.
    """
    try:
        return load_home(home, last_good_policy=True, last_good_settings=last_good_settings)
    except BadConfig as error:
        files = HomeFiles(home)
        if files.settings.is_file():
            reason = Reason(code="policy.no_sweep", params={"detail": "\n".join(told(error, front.say))})
            _call(front, home, Alarm(urgency=Urgency.CALL, shop=ShopKey(platform="*", shop_id="*"), reason=reason))
        raise


def _call(front: Front, home: Path, alarm: Alarm) -> None:
    """Whoever sits here is told by the command itself, so that it is only written down; else people are called, by the last good settings."""
    if attended(front):
        LogNotifier(HomeFiles(home).logs, SystemClock()).notify(alarm)
        return
    caller = Caller(home, None)
    caller.call(alarm)
    caller.send()


def need_candidate(home: Home, wanted: ShopKey | None) -> None:
    """`--posture shadow`: each shop keeps its own posture, and has a candidate beside its policy. Raises ConfigError: one has none."""
    shops = (shop for shop in home.settings.shop if wanted is None or shop.key == wanted)
    without = ", ".join(str(shop.key) for shop in shops if not (shop.shadow or home.settings.shadow))
    if without:
        raise ConfigError(f"no candidate for {without}", target="shadow", raw=without, code="cli.no_shadow")


def shop_of(home: Home, wanted: str) -> ShopKey:
    """`taobao/1001`, `1001` or the shop's name; must be one of the settings, and only one."""
    found = [shop.key for shop in home.settings.shop if wanted and wanted in {str(shop.key), shop.shop_id, shop.name}]
    if len(found) != 1:
        known = ", ".join(str(shop.key) for shop in home.settings.shop)
        raise ConfigError(f"no one shop {wanted} among {known}", target=known, raw=wanted, code="cli.no_shop")
    return found[0]
