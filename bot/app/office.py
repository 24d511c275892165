"""The console's office over one home: reads the ledger beside the robot, writes down who did what, hands errands to the service."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import TypeVar, cast

from bot.alerts.links import AckLinks, key_of
from bot.app.deciding import preview_of
from bot.app.monitoring import monitored
from bot.app.office_acts import Acts
from bot.app.office_books import audited, budget_lines, case_file, posture_now, shop_view
from bot.app.office_links import LedgerAlarmBook, LedgerFigures
from bot.app.office_looks import Looks
from bot.app.office_policy import PolicyDesk
from bot.catalogue import Catalogue, language_of
from bot.clock import SystemClock, SystemIds
from bot.config import FileKillSwitch, Home, HomeFiles, Settings, load_home
from bot.domain.base import Sha256
from bot.domain.decision import Reason
from bot.domain.ids import CaseKey, ShopKey
from bot.domain.money import Money
from bot.engine.policy import Policy
from bot.errors import ConfigError, EvidenceRefused
from bot.evidence.store import FileEvidence
from bot.ledger.office import OfficeLedger, OfficeReader
from bot.ports.clock import Clock
from bot.ports.deciding import HandPreview
from bot.ports.figures import DayFigures
from bot.ports.monitor import HitFilters, MonitorResult
from bot.ports.office import Errands
from bot.ports.office_views import (
    ALONE,
    AlarmLine,
    Answer,
    AuditView,
    BudgetView,
    CaseFile,
    CaseFilter,
    CaseList,
    Check,
    DayView,
    Happening,
    LookView,
    NextRun,
    Person,
    PolicyView,
    Role,
    ServiceView,
    SessionView,
    ShopView,
    Signoff,
    Trial,
    Unavailable,
    Version,
)
from bot.ports.wanted import HandVerdict, Wanted

T = TypeVar("T")

DUE = 40
"""Deadlines to come that the day's timeline shows."""

OVERDUE = 3
"""Deadlines that have passed which the day names; the others are counted."""

SLACK = timedelta(minutes=3)
"""A page that was read is a little older than its event; more than this is another clock."""

FRESH_S = 2.0
"""While a sweep writes, counts may be so old."""

AGAIN_S = 2.0
"""A file that could not be read is tried again after so long: an editor or a scanner may only have had it open for a moment."""

HEAVY_FRESH_S = 30.0
"""What reads every decision of a day may be so old: a page left open must not take the interpreter from the robot."""


_SECOND = frozenset({"hand.two_above", "hand.two_to_release"})
"""What an office does not refuse: it asks the second person."""


@contextmanager
def open_office(
    home: Home,
    errands: Errands | None = None,
    clock: Clock | None = None,
) -> Iterator[HomeOffice]:
    """An office while the block runs, by the PC's clock unless a service brings its own; what nobody is handed in for is unavailable.

    Raises:
        LedgerError: the ledger cannot be opened, or is of a newer program.
        ConfigError: the home cannot be written.
    """
    files, clock = home.files, clock or SystemClock()
    files.make_folders()
    ledger = OfficeLedger(files.ledger, clock, SystemIds())
    reader = OfficeReader(files.ledger)
    evidence = FileEvidence(files.evidence, files.inbox, clock)
    try:
        yield HomeOffice(home, clock, ledger, reader, evidence, errands)
    finally:
        evidence.close()
        reader.close()
        ledger.close()


def people_of(settings: Settings) -> tuple[Person, ...]:
    """Who may come in; at least one."""
    return tuple(Person(name=one.name, role=Role(one.role)) for one in settings.console.person) or (ALONE,)


class HomeOffice:
    """`bot.ports.office.Office`."""

    def __init__(
        self,
        home: Home,
        clock: Clock,
        ledger: OfficeLedger,
        reader: OfficeReader,
        evidence: FileEvidence,
        errands: Errands | None = None,
    ) -> None:
        self._home = home
        self._clock, self._reader, self._evidence = clock, reader, evidence
        self._errands = errands
        self._alarms = LedgerAlarmBook(ledger, reader, clock)
        self._figures = LedgerFigures(reader)
        self._policy = PolicyDesk(home.files, reader)
        self._kill = FileKillSwitch(home.files.stop)
        self._acts = Acts(self, clock, ledger, self._policy, self._kill, errands, self._alarms)
        self._looks = Looks(errands, self.now) if errands else None
        self._known: dict[object, tuple[str, float, object]] = {}
        self._old_until: dict[object, float] = {}
        self._outlived = 0
        self._lock = threading.Lock()
        self._read_at, self._broken = "", ("", 0.0)

    @property
    def files(self) -> HomeFiles:
        return self._home.files

    @property
    def home(self) -> str:
        return str(self._home.path)

    @property
    def settings(self) -> Settings:
        """As the file has them by now; a broken file changes nothing, and is looked at again though nobody changes it."""
        seen, now_s = _signature(self.files), self._clock.monotonic()
        broken, at_s = self._broken
        if seen != self._read_at and (seen != broken or now_s - at_s >= AGAIN_S):
            if self._reload():
                self._read_at = seen
            else:
                self._broken = seen, now_s
        return self._home.settings

    def _reload(self) -> bool:
        """Whether both files were whole."""
        try:
            self._home = load_home(self._home.path, with_logins=False, last_good_policy=True)
        except ConfigError:
            return False
        return not self._home.broken_policy

    @property
    def people(self) -> tuple[Person, ...]:
        return people_of(self.settings)

    @property
    def limit(self) -> Money | None:
        return self.settings.limits.second_person_above

    @property
    def language(self) -> str:
        return language_of(self.settings.language).value

    def now(self) -> datetime:
        """The shop's own time, by which deadlines run and days are counted (ADR 0008)."""
        ahead = self._cached("ahead", self._reader.shop_ahead)
        return self._clock.now() + (ahead if abs(ahead) > SLACK else timedelta())

    def rules(self) -> Policy:
        _ = self.settings
        return self._home.policy

    def marks(self) -> Mapping[str, str]:
        head = str(self._reader.head().seq)
        return {
            "ledger": f"{head}.{self._outlived_by_now()}",
            "brakes": str(self._kill.engaged()),
            "policy": _signature(self.files) + self._postures(),
            "alarms": head,
            "sessions": self._sessions_mark(),
            "looks": str(self._looks.changes if self._looks else 0),
            "clock": f"{self._clock.now():%H:%M}",
        }

    def _outlived_by_now(self) -> int:
        """Grows when the time is over of an old answer that was given: whoever was given it asks anew."""
        now = self._clock.monotonic()
        with self._lock:
            over = [key for key, until in self._old_until.items() if until <= now]
            for key in over:
                del self._old_until[key]
            self._outlived += bool(over)
            return self._outlived

    def _postures(self) -> str:
        """Changes when the schedule takes another one, at night or for a promotion."""
        settings, now = self.settings, self._clock.now()
        return ",".join(posture_now(settings, shop, now)[0] for shop in settings.shop)

    def _sessions_mark(self) -> str:
        """Changes where a person begins or ceases to be needed; a countdown runs on in the page."""
        known = self.sessions()
        if isinstance(known, Unavailable):
            return ""
        return repr([one.model_copy(update={"left_s": one.left_s is not None}) for one in known])

    def _cached(self, key: object, ask: Callable[[], T], fresh_s: float = FRESH_S) -> T:
        """The answer for the ledger as it stands; while it grows every moment, one that is a little old, until `marks` changes."""
        seen, now = str(self._reader.head().seq), self._clock.monotonic()
        with self._lock:
            known = self._known.get(key)
            if known is not None and known[0] != seen and now < known[1] + fresh_s:
                self._old_until[key] = known[1] + fresh_s
                return cast("T", known[2])
        if known is not None and known[0] == seen:
            return cast("T", known[2])
        answer = ask()
        with self._lock:
            if len(self._known) > 200:
                self._known.clear()
            self._known[key] = (seen, now, answer)
        return answer

    def stopped(self) -> bool:
        return self._kill.engaged()

    def day(self) -> DayView:
        now = self.now()
        # deadlines pass also while nothing happens
        open_now = self._cached(("open", now.replace(second=0, microsecond=0)), lambda: self._open(now))
        sums = self._figures.day(self._all_figures(now))
        return sums.model_copy(update={**open_now, "asked": self._reader.askers()})

    def _open(self, now: datetime) -> Mapping[str, object]:
        """Of the day's view what still waits, by its fields."""
        overdue, number = self._reader.run_out(now, OVERDUE)
        due = self._reader.due(now, DUE)
        return {**self._reader.kinds(), "due": due, "overdue": overdue, "overdue_cases": number}

    def _all_figures(self, now: datetime) -> DayFigures:
        """Every page has sums of them on top: they are counted twice a minute, not with every event, and once for the plots too."""
        hour = now.replace(minute=0, second=0, microsecond=0)  # some plots draw what runs out by the hour
        return self._cached(("figures", hour), lambda: self._figures.all(now), HEAVY_FRESH_S)

    def shops(self) -> tuple[ShopView, ...]:
        counts = self._cached("counts", self._reader.counts)
        settings, now = self.settings, self._clock.now()
        return tuple(shop_view(self._reader, settings, shop, counts.get(shop.key, {}), now) for shop in settings.shop)

    def service(self) -> ServiceView | Unavailable:
        return self._errands.service() if self._errands else Unavailable(part="service")

    def next_runs(self) -> tuple[NextRun, ...] | Unavailable:
        return self._errands.next_runs() if self._errands else Unavailable(part="service")

    def sessions(self) -> tuple[SessionView, ...] | Unavailable:
        return self._errands.sessions() if self._errands else Unavailable(part="sessions")

    def plots(self, say: Catalogue) -> Sequence[str]:
        return self._figures.plots(self._all_figures(self.now()), say)

    def cases(self, wanted: CaseFilter, after: str, limit: int) -> CaseList:
        page = self._reader.page(wanted, after, limit)
        number, amount = self._cached(wanted, lambda: self._reader.total(wanted))
        return page.model_copy(update={"total": number, "amount": amount})

    def case(self, case: CaseKey) -> CaseFile | None:
        shop = next((one for one in self.settings.shop if one.key == case.shop), None)
        posture = posture_now(self.settings, shop, self._clock.now())[0] if shop else "observe"
        return case_file(self._reader, case, self._home.policy, shop, posture)

    def find(self, aftersale_id: str) -> tuple[CaseKey, ...]:
        return self._reader.named(aftersale_id)

    def preview(self, verdict: HandVerdict, signoff: str = "") -> HandPreview | None:
        told = self._preview(verdict)
        way = self._reader.under_way(verdict.case) if told is not None else None
        if told is not None and way is not None and (not signoff or way.signoff != signoff):
            return told.model_copy(update={"refused": way.refusal})
        if told is None or told.refused is None or told.refused.code not in _SECOND:
            return told
        return told.model_copy(update={"refused": self._acts.no_second(verdict.by)})

    def _preview(self, verdict: HandVerdict) -> HandPreview | None:
        """With what two people may do as what nobody may: by limit and allow-list as the settings have them by now."""
        _ = self.settings
        return preview_of(self._reader, self._home, verdict)

    def picture(self, sha256: Sha256) -> bytes:
        if not self._reader.has_picture(sha256):
            raise EvidenceRefused("no case has this picture", code="evidence.missing", raw=sha256[:80])
        return self._evidence.get(sha256)

    def hits(self, since: date, filters: HitFilters) -> MonitorResult:
        return self._cached(
            (since, filters), lambda: monitored(self._reader, self._home.policy, since, filters), HEAVY_FRESH_S
        )

    def policy(self) -> PolicyView:
        day = self.now().date().isoformat()
        # what strategies have earned is read off every decision of theirs; a file that changed shows at once
        key = ("policy", _signature(self.files), day)
        return self._cached(key, lambda: self._policy.view(day), HEAVY_FRESH_S)

    def versions(self) -> tuple[Version, ...]:
        return tuple(self._policy.versions())

    def version_text(self, policy_hash: str) -> str:
        return self._reader.policy_text(policy_hash)

    def check(self, text: str, say: Catalogue) -> Check:
        return self._policy.check(text, say, self._clock.now())

    def rehearse(self, text: str, days: int, say: Catalogue) -> Trial:
        return self._policy.rehearse(text, days, say, self._clock.now())

    def budgets(self) -> tuple[BudgetView, ...]:
        return budget_lines(self._reader, self._home, self.now().date().isoformat())

    def alarms(self, limit: int) -> tuple[AlarmLine, ...]:
        return self._alarms.lines(limit)

    def audit(self, anchor: tuple[int, str] | None) -> AuditView:
        return audited(self._reader, self.files.evidence, anchor, self._clock.now())

    def head(self) -> tuple[int, str]:
        head = self._reader.head()
        return head.seq, head.hash

    def signoffs(self) -> tuple[Signoff, ...]:
        return self._reader.signoffs()

    def doings(self, limit: int) -> tuple[Happening, ...]:
        return self._reader.doings(limit)

    def unmask(self, case: CaseKey, person: Person, why: str) -> None:
        self._acts.unmask(case, person, why)

    def stop(self, person: Person) -> Answer:
        return self._acts.stop(person)

    def resume(self, person: Person) -> Answer:
        return self._acts.resume(person)

    def close_breaker(self, shop: ShopKey, person: Person) -> Answer:
        return self._acts.close_breaker(shop, person)

    def end_sign_in(self, shop: ShopKey, person: Person) -> Answer:
        return self._acts.end_sign_in(shop, person)

    def save_policy(self, text: str, base: str, person: Person, why: str, moved: Money | None) -> Answer:
        return self._acts.save_policy(text, base, person, why, moved)

    def switch(self, strategy: str, person: Person, *, on: bool) -> Answer:
        return self._acts.switch(strategy, person, on=on)

    def reorder(self, wanted: Sequence[str], person: Person) -> Answer:
        return self._acts.reorder(wanted, person)

    def acknowledge(self, alarm: str, person: Person) -> Answer:
        return self._acts.acknowledge(alarm, person)

    def alarms_by_link(self, token: str) -> tuple[AlarmLine, ...]:
        message = self._links().proven(token, self._clock.now())
        return self._alarms.of_message(message) if message else ()

    def acknowledge_by_link(self, token: str) -> Answer:
        return self._acts.acknowledge_by_link(self._links().proven(token, self._clock.now()))

    def _links(self) -> AckLinks:
        return AckLinks(key_of(self._home.path))

    async def decide(self, verdict: HandVerdict, person: Person) -> Answer:
        file, told = await asyncio.to_thread(lambda: (self.case(verdict.case), self._preview(verdict)))
        return await self._acts.decide(verdict, person, file, told)

    async def sweep(self, wanted: Wanted, person: Person) -> Answer:
        return await self._acts.sweep(wanted, person)

    async def enter(self, shop: ShopKey, person: Person, *, anew: bool) -> Answer:
        return await self._acts.enter(shop, person, anew=anew)

    async def look(self, wanted: Wanted, person: Person) -> str:
        return self._looks.begin(wanted, person) if self._looks else ""

    def looked(self, look: str) -> LookView | None:
        return self._looks.of(look) if self._looks else None

    async def confirm(self, look: str, once: str, person: Person) -> Answer:
        then = self._looks.confirm(look, once, person) if self._looks else None
        if then is None:
            return Answer(kind="refused", told=Reason(code="office.look_again"))
        return await self._acts.sweep(then, person)

    async def sign(self, signoff: str, person: Person, *, agrees: bool) -> Answer:
        asked = next((one for one in await asyncio.to_thread(self.signoffs) if one.id == signoff), None)
        if asked is None or asked.state != "open":
            return Answer(kind="refused", told=Reason(code="office.no_signoff"))
        about = HandVerdict.model_validate_json(asked.body).case if asked.kind == "verdict" else None
        file = await asyncio.to_thread(self.case, about) if about else None
        return await self._acts.sign(asked, person, file, agrees=agrees)

    def withdraw(self, signoff: str, person: Person) -> Answer:
        return self._acts.withdraw(signoff, person)


def _signature(files: HomeFiles) -> str:
    """Changes with the home's own files."""
    told = []
    for path in (files.settings, files.policy):
        try:
            stat = path.stat()
            told.append(f"{stat.st_mtime_ns}-{stat.st_size}")
        except OSError:
            told.append("")
    return "|".join(told)
