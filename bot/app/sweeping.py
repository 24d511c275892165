"""One batch sweep over the shops of a home: a browser, a floor per shop, the runner, then the report."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field, replace

from bot import config
from bot.app import autonomy, ordering, proofs, shadows
from bot.app.books import takeover, warn_of_takeover
from bot.app.bounds import SettingsBounds
from bot.app.browsers import browser_of
from bot.app.calling import calling
from bot.app.deskside import desks_of
from bot.app.incidents import Incidents
from bot.app.planning import pace_of
from bot.app.policies import PolicyWatch, ShopPolicies
from bot.app.portals import PortalWatch
from bot.app.reel import Reel
from bot.app.shelves import mended
from bot.app.telling import Unrepeated
from bot.app.verdicts import verdicts_by_case
from bot.app.wiring import House, open_house
from bot.browser.gate import Heads
from bot.browser.guard import Mode, Refusal
from bot.browser.launch import BrowserHost
from bot.browser.session import Look
from bot.config import Home, Shop
from bot.domain.action import Verb
from bot.domain.courier import Trail
from bot.domain.decision import Reason
from bot.domain.facts import Fact, Source, Unknown
from bot.domain.ids import CaseKey, RunId
from bot.errors import ConfigError, EvidenceRefused, SessionError
from bot.ports.desks import CourierDesk, ShopFloor
from bot.ports.exits import ExitCode, worst
from bot.ports.notifier import Alarm, Urgency
from bot.ports.progress import Progress, StopSignal
from bot.ports.results import ShopSweep, SweepResult
from bot.ports.turns import Turn
from bot.ports.wanted import EVERYTHING, NOTHING_SPARED, HandVerdict, Pick, Sparing, Wanted
from bot.runner.orders import STOPPED_BY_HAND, Kit, Orders, Posture
from bot.runner.sweep import Sweep
from flows.registry import Login, Site, Workplace, courier, platform_of


async def run_sweep(
    home: Home,
    wanted: Wanted,
    progress: Progress,
    stop: StopSignal,
    reel: Reel | None = None,
) -> SweepResult:
    """Sweep one shop or all of them, one after the other as the plan has them; each shop's sweep is a run of its own in the ledger.

    Args:
        home: read with its logins.
        wanted: which shops and cases, how far, and what a person decided.
        progress: told while it works.
        stop: once set, the case in hand is settled and nothing further begun.
        reel: what it is recorded on, or replayed from; None for a plain sweep.

    Raises:
        ConfigError: no such shop or platform. BrowserMissing. LedgerError: everything stops.
    """
    reel = reel or Reel()
    shops = shops_of(home, wanted)
    with open_house(home, reel.clock, reel.open_ledger) as bare:
        house = reel.furnish(bare)
        told = Unrepeated(progress, house.notifier.has_just_told)
        async with calling(lambda: house), browser_for(home, shops, told, reel.heads) as host:
            return await sweep_shops(house, host, wanted, told, stop, reel)


def shops_of(home: Home, wanted: Wanted) -> tuple[Shop, ...]:
    """The shops of the settings, or the one, or those whose cases persons decided on.

    Raises:
        ConfigError: there is no such shop, or two verdicts name one case.
    """
    keys = {wanted.shop} if wanted.shop else {entry.key for entry in home.settings.shop} - wanted.without
    if wanted.verdicts:
        keys = set(verdicts_by_case(wanted))
    known = {entry.key for entry in home.settings.shop}
    if lost := sorted(map(str, keys - known)):
        raise ConfigError(f"no shop {lost[0]} in the settings", code="config.no_such_shop", raw=lost[0])
    return tuple(entry for entry in home.settings.shop if entry.key in keys)


async def sweep_shops(
    house: House,
    host: BrowserHost,
    wanted: Wanted,
    progress: Progress,
    stop: StopSignal,
    reel: Reel | None = None,
    *,
    policies: PolicyWatch | None = None,
    told: Callable[[ShopSweep], bool] = lambda _: True,
    turn: Turn | None = None,
) -> SweepResult:
    """As `run_sweep`, in a house and a browser that are open already and stay open.

    `policies` may have been watched since earlier sweeps, so that a change is told once. `told`: which shops' sweeps are worth a
    report; none is written where there is no such one. `turn`: laid down while a person is waited for; None keeps it.
    """
    reel = reel or Reel()
    shops, verdicts = shops_of(house.home, wanted), verdicts_by_case(wanted)
    results: dict[RunId, ShopSweep] = {}
    policies, notes = policies or PolicyWatch(house, progress), list[Reason]()
    for entry in ordering.in_turn(house, shops):
        if turn is not None:
            await turn.back()
        if stop.is_set():
            break
        if not results and wanted.pick == EVERYTHING and not verdicts:
            behind = [shop for shop in shops if shop is not entry]
            ordering.tell_behind(house, entry, behind, {}, house.clock.now())
        warn_of_takeover(house.notifier, entry)
        posture, own = Posture(wanted.posture or entry.posture), verdicts.get(entry.key, {})
        errand = Errand(
            house,
            host,
            entry,
            posture,
            progress,
            stop,
            policies.of(entry.key, notes),
            wanted.pick,
            own,
            wanted.sparing,
            turn,
            by_schedule=wanted.by_schedule,
        )
        orders = reel.brief(errand.orders())
        async with reel.take(house, orders):
            results[orders.run] = await errand.sweep(orders)
    results = {run: _noted(house, run, swept, notes) for run, swept in results.items()}
    report = await asyncio.to_thread(reel.report, house, {run: one for run, one in results.items() if told(one)})
    return SweepResult(
        run_id=next(iter(results), ""),
        shops=tuple(results.values()),
        report=str(report or ""),
        not_found=_in_none(tuple(results.values())),
        exit_code=_exit_code(tuple(results.values()), stop),
    )


def _in_none(shops: Sequence[ShopSweep]) -> tuple[str, ...]:
    """Ids that every shop misses; a shop whose list was not read may have any."""
    lacking = [frozenset(shop.missing) for shop in shops]
    return tuple(sorted(frozenset.intersection(*lacking))) if lacking else ()


def _noted(house: House, run: RunId, told: ShopSweep, notes: Sequence[Reason]) -> ShopSweep:
    """With what a person should know beside the counts."""
    shadow = house.ledger.shadow(run)
    parted = (shadows.note(shadow),) if shadow else ()
    liable = (takeover(entry) for entry in house.home.settings.shop if str(entry.key) == told.shop)
    earned = autonomy.notes(house.ledger, house.home.policy)
    unread = proofs.note(house.home.settings)
    own = mended(house.home.path)
    by_hand = (Reason(code="selectors.mended", params={"folder": str(own)}),) if own else ()
    return told.model_copy(
        update={"notes": (*notes, *by_hand, *filter(None, (*liable, unread)), *parted, *earned), "shadow": shadow}
    )


def browser_for(
    home: Home, shops: Sequence[Shop], progress: Progress, heads: Heads
) -> AbstractAsyncContextManager[BrowserHost]:
    """One that reaches these shops and every courier of the settings, nothing else. Raises BrowserMissing."""
    return browser_of(home, urls_of(home, shops), progress.note, heads)


def urls_of(home: Home, shops: Sequence[Shop]) -> tuple[str, ...]:
    """Where these shops are, and every courier of the settings."""
    return (*(shop.url for shop in shops), *(courier.url for courier in home.settings.courier))


def sign_in_of(shop: Shop) -> str:
    """The name under which a browser keeps this shop's sign-in."""
    return f"{shop.url} {shop.account}"


@dataclass(frozen=True, slots=True)
class Errand:
    """One shop of one sweep: its orders, its floor, its courier."""

    house: House
    host: BrowserHost
    shop: Shop
    posture: Posture
    progress: Progress
    stop: StopSignal
    policies: ShopPolicies
    pick: Pick = EVERYTHING
    verdicts: Mapping[CaseKey, HandVerdict] = field(default_factory=dict)
    sparing: Sparing = NOTHING_SPARED
    turn: Turn | None = None
    by_schedule: bool = False

    def orders(self) -> Orders:
        """The shop's settings as standing orders for the runner."""
        home, settings = self.house.home, self.house.home.settings
        candidate = shadows.candidate(self.house, self.shop, self.policies)
        return Orders(
            run=RunId(self.house.ids.fresh("run")),
            shop=self.shop.key,
            posture=self.posture,
            verbs=frozenset(map(Verb, self.shop.verbs)),
            policy=self.policies.in_force(),
            config_hash=home.config_hash,
            shop_cap_day=settings.limits.shop_day,
            buyer_cap_day=settings.limits.buyer_day,
            trust=autonomy.trusted(self.house.ledger, self.policies.in_force()),
            shadow=candidate,
            shadow_book=shadows.book(self.house, self.shop, candidate),
            owner=self.house.catalogue.text_of("owner.desk"),
            lease_owner=self.house.lease_owner,
            reader_tabs=settings.browser.reader_tabs,
            recycle_after=settings.browser.recycle_after_cases,
            recycle_after_s=settings.browser.recycle_after_s,
            quiet_wait_s=settings.run.quiet_wait_s,
            challenge_wait_s=settings.run.challenge_wait_s,
            read_limit_s=settings.run.read_limit_s,
            work_limit_s=settings.run.work_limit_s,
            pictures=settings.run.pictures,
            max_cases=settings.run.max_cases,
            figures=self.shop.figures,
            verdicts=self.verdicts,
            second_person_above=settings.limits.second_person_above,
            seconds_between_actions=self.shop.seconds_between_actions,
            seconds_per_case=max(
                pace_of(self.house.ledger, self.shop.key, self.posture), self.shop.seconds_between_actions
            ),
            pick=self.pick,
            sparing=self.sparing,
        )

    async def sweep(self, orders: Orders) -> ShopSweep:
        """One pass; a shop that cannot even be entered is told as stopped, the next shop goes on."""
        mode = Mode.ACT if orders.moves_hands else Mode.READ_ONLY
        look = Look(navigation_timeout_s=self.house.home.settings.run.verify_timeout_s)
        told = Incidents(self.house.notifier, self.shop.key)
        own = mended(self.house.home.path)
        place = Workplace(self.host, self.house.clock, mode, own, look, self._refused, told, sign_in_of(self.shop))
        site = Site(self.shop.url, self.shop.shop_id, self.shop.name)
        floor = platform_of(self.shop.platform).open_shop(
            place, site, self._login(self.house.home.shop_login(self.shop.key))
        )
        try:
            async with floor, self._courier(place) as desk:
                return await Sweep(self._kit(floor, desk), orders, self.shop.name).run()
        except SessionError as error:
            reason = Reason(code=error.reason_code, params=error.params)
            return ShopSweep(shop=str(self.shop.key), name=self.shop.name, posture=self.posture, stopped=reason)

    def _kit(self, floor: ShopFloor, desk: CourierDesk) -> Kit:
        house, reading = self.house, self.house.home.settings.evidence.read
        return Kit(
            ledger=house.ledger,
            evidence=house.evidence,
            reader=house.reader if reading != "off" else None,
            must_read=reading == "required",
            failures=house.failures,
            notifier=house.notifier,
            clock=house.clock,
            ids=house.ids,
            kill=house.kill,
            progress=self.progress,
            floor=floor,
            courier=desk,
            stop=self.stop,
            policies=self.policies,
            settings=SettingsBounds(house, self.shop, self.policies.tell, by_schedule=self.by_schedule),
            desks=desks_of(house),
            # a tab that is opened beside the person's takes the keys away from them
            turn=None if house.home.settings.browser.headed else self.turn,
        )

    @asynccontextmanager
    async def _courier(self, place: Workplace) -> AsyncIterator[CourierDesk]:
        """The shop's courier portal, or a desk that knows nothing where the settings name none."""
        entry = next((entry for entry in self.house.home.settings.courier if entry.name == self.shop.courier), None)
        if entry is None:
            yield NoCourier()
            return
        login = self._login(self.house.home.courier_login(entry.name))
        name = f"{entry.url} {entry.account}"
        watch = PortalWatch(self.house, self.host, entry.name, name)
        own = replace(place, mode=Mode.READ_ONLY, name=name, on_answer=watch)
        async with courier().open_courier(own, Site(entry.url), login) as desk:
            yield desk

    @staticmethod
    def _login(login: config.Login) -> Login:
        return Login(login.account, login.password.get_secret_value())

    def _refused(self, refusal: Refusal) -> None:
        """The guard stopped a write: somebody should know, whatever came of the case."""
        params = {"method": refusal.method, "path": refusal.path, "why": refusal.why}
        self.house.notifier.notify(
            Alarm(urgency=Urgency.WARN, shop=self.shop.key, reason=Reason(code="guard.refused", params=params))
        )


class NoCourier:
    """A shop without a courier's portal: what parcels do is unknown, and rules that need it hold."""

    async def trails(self, waybills: Sequence[str]) -> Mapping[str, Fact[Trail]]:
        return {number: Unknown(why="fact.courier.none", source=Source.COURIER) for number in waybills}

    async def picture(self, waybill: str) -> bytes:
        raise EvidenceRefused("this shop has no courier's portal", code="evidence.no_courier", raw=waybill)


def _exit_code(shops: Sequence[ShopSweep], stop: StopSignal) -> ExitCode:
    codes = [_shop_code(shop) for shop in shops]
    return worst([*codes, ExitCode.INTERRUPTED]) if stop.is_set() else worst(codes)


def _shop_code(shop: ShopSweep) -> ExitCode:
    """By what stopped the shop, else by what is left for a person."""
    why = shop.stopped.code if shop.stopped else ""
    if why.startswith(("error.session", "session.")):
        return ExitCode.PERSON
    if why.startswith("brake."):
        return ExitCode.STOPPED
    broken_off = why not in {"", STOPPED_BY_HAND}
    return ExitCode.HELD if broken_off or shop.held or shop.failed or shop.unknown else ExitCode.DONE
