"""Tables of the ledger: the event chain is the truth, the others are projections that keep questions cheap.

Personal data stands only in `buyers.name`, `payloads.body`, the `reasons` columns, `evidence.body`, the waybills of `sightings`,
`picture_bands` and `proof_bands`, and `params`, `picture` and `note` of `alarms`: erasing them leaves sums and chain as they are (S22). A change here after a release is a new step in `migrations.py`.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    func,
    literal_column,
)

from bot.domain.action import Mark, Verb
from bot.ledger.columns import Fen, Moment

metadata = MetaData()

LIVE = (Mark.ARMED, Mark.FIRED, Mark.SENT, Mark.UNKNOWN)
"""Marks of an intent whose effect is still to be told; UNKNOWN too, or a second click could follow the first."""

IN_FLIGHT = (Mark.FIRED, Mark.SENT)
"""Marks during which the shop belongs to one intent alone (reliability.md 3.1 rule 1)."""


def _text(name: str, **options: Any) -> Column[str]:
    return Column(name, String, nullable=False, **options)


def _shop() -> tuple[Column[str], Column[str]]:
    return _text("platform"), _text("shop_id")


def _case() -> tuple[Column[str], Column[str], Column[str]]:
    return *_shop(), _text("aftersale_id")


schema_version = Table("schema_version", metadata, Column("version", Integer, primary_key=True), Column("at", Moment))

events = Table(
    "events",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("at", Moment, nullable=False),
    _text("kind"),
    _text("run"),
    *_case(),
    _text("intent"),
    Column("facts", Text, nullable=False),
    _text("payload_hash"),
    _text("prev"),
    _text("hash"),
    Index("events_by_case", "platform", "shop_id", "aftersale_id"),
)
"""Append-only, each hashed with the one before it; `facts` never hold names or texts of persons."""

by_hand = events.c.kind == literal_column("'office.did'")
events_by_hand = Index("events_by_hand", events.c.seq, sqlite_where=by_hand, postgresql_where=by_hand)
"""The few that people made; without it whoever asks for them would read all the others."""

decided = events.c.kind == literal_column("'case.decided'")
events_decided = Index("events_decided", events.c.at, sqlite_where=decided, postgresql_where=decided)
"""What was decided since a moment; without it whoever asks for a day would read the year."""

chain_head = Table(
    "chain_head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("seq", Integer, nullable=False),
    _text("hash"),
)
"""One row: the newest event. Locked by every append, so that writers queue also where rows, not files, are locked."""

payloads = Table(
    "payloads",
    metadata,
    Column("seq", ForeignKey("events.seq"), primary_key=True, autoincrement=False),
    _text("salt"),
    Column("body", Text),
    Column("erased_at", Moment),
)
"""What an event's `payload_hash` covers; salted, so that an erased body cannot be guessed back from its hash."""

policies = Table(
    "policies",
    metadata,
    _text("hash", primary_key=True),
    Column("body", Text, nullable=False),
    Column("kept_at", Moment, nullable=False),
)
"""The text of every policy that decided, by the hash that decisions name: an event says the hash, this says what stood in it."""

buyers = Table(
    "buyers",
    metadata,
    _text("token", primary_key=True),
    *_shop(),
    Column("name", String),
    UniqueConstraint("platform", "shop_id", "name"),
)
"""A buyer's name stands here alone; everything else says the token."""

runs = Table(
    "runs",
    metadata,
    _text("id", primary_key=True),
    Column("opened_seq", ForeignKey("events.seq"), nullable=False, unique=True),
    *_shop(),
    _text("posture"),
    _text("config_hash"),
    _text("policy_hash"),
    Column("opened_at", Moment, nullable=False),
    Column("closed_at", Moment),
    Column("summary", Text, nullable=False, default="{}"),
)


def _standing() -> tuple[Column[Any], ...]:
    """How a case stands: status, the reasons for it, and for a hold its owner and the moment to look again."""
    return (
        _text("status"),
        _text("owner", default=""),
        Column("reasons", Text, nullable=False, default="[]"),
        Column("deadline", Moment),
    )


cases = Table(
    "cases",
    metadata,
    *_case(),
    _text("run"),
    _text("order_id", default=""),
    _text("buyer", default=""),
    *_standing(),
    Column("changed_at", Moment, nullable=False),
    Column("claim", Fen, nullable=False, server_default="0"),
    Column("listed", Integer, nullable=False, server_default="0"),
    Column("row", Text),
    Column("read_at", Moment),
    Index("cases_key", "platform", "shop_id", "aftersale_id", unique=True),
    Index("cases_by_buyer", "buyer"),
    Index("cases_by_status", "status", "platform", "shop_id", "deadline", "claim"),
    Index("cases_by_deadline", "deadline"),
)
"""Every case's latest standing; `claim` is what the buyer asks for, as last read.

`listed`: 1 while the shop's list shows it, as far as is known. `row` is how it stood there when it was last worked on, `read_at`
when its page was last read (shop's clock): a case that did not change since may rest (ADR 0022).
"""


by_deadline = func.coalesce(cases.c.deadline, literal_column("'9999'"))
"""Sorts as moments do; a case without a deadline comes last."""

cases_in_turn = Index("cases_in_turn", by_deadline, cases.c.platform, cases.c.shop_id, cases.c.aftersale_id)
"""A person's lists are read along it, a page at a time."""

run_cases = Table(
    "run_cases",
    metadata,
    Column("run", ForeignKey("runs.id"), nullable=False),
    *_case(),
    *_standing(),
    Column("row", Text),
    Column("decided_seq", ForeignKey("payloads.seq")),
    Index("run_cases_key", "run", "platform", "shop_id", "aftersale_id", unique=True),
)
"""Every case's standing at the end of one run."""

evidence = Table(
    "evidence",
    metadata,
    Column("run", ForeignKey("runs.id"), nullable=False),
    *_case(),
    _text("sha256"),
    _text("kind"),
    Column("body", Text, nullable=False),
    Column("erased_at", Moment),
    Index("evidence_key", "run", "platform", "shop_id", "aftersale_id", "sha256", "kind", unique=True),
)

leases = Table(
    "leases",
    metadata,
    *_shop(),
    _text("owner"),
    Column("epoch", Integer, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Index("leases_key", "platform", "shop_id", unique=True),
)

breakers = Table(
    "breakers",
    metadata,
    *_shop(),
    _text("why"),
    Index("breakers_key", "platform", "shop_id", unique=True),
)

intents = Table(
    "intents",
    metadata,
    _text("id", primary_key=True),
    Column("run", ForeignKey("runs.id"), nullable=False),
    *_case(),
    _text("verb"),
    _text("mark"),
    _text("before"),
    Column("epoch", Integer, nullable=False),
    Column("armed_seq", ForeignKey("payloads.seq"), nullable=False, unique=True),
    Column("armed_at", Moment, nullable=False),
    Column("fired_at", Moment),
    Column("sent_at", Moment),
    Column("ended_at", Moment),
    _text("day", server_default=""),
    Column("claim", Fen, nullable=False, server_default="0"),
    Column("moved", Fen, nullable=False, server_default="0"),
    Column("applied_at", Moment),
    Column("waited_s", Integer),
    Index("intents_by_day", "day", "mark", "platform", "shop_id", "verb", "claim", "moved"),
    Index("intents_by_case", "platform", "shop_id", "aftersale_id", "armed_seq", "verb", "mark"),
)
"""One row an intent: where it stands. The intent itself is the payload of its armed event; `before` is how its case stood.

`day` is the business day that it is budgeted on; `claim` and `applied_at` are what the buyer asked for then, and since when
(shop's clock), `moved` is what its reservation has as posted, `waited_s` the seconds from the application to the proof: the
figures of a day are sums over these.
"""


def _partial(name: str, where: ColumnElement[bool], *columns: str) -> Index:
    picked = (intents.c[column] for column in columns)
    return Index(name, *picked, unique=True, sqlite_where=where, postgresql_where=where)


one_live_intent = _partial(
    "one_live_intent",
    intents.c.mark.in_(LIVE) | ((intents.c.verb == Verb.AGREE_REFUND) & (intents.c.mark == Mark.SETTLED)),
    *("platform", "shop_id", "aftersale_id", "verb"),
)
"""One live intent per case and verb; a refund that is settled bars the case's next refund for good (I2, F59)."""

one_in_flight = _partial("one_in_flight", intents.c.mark.in_(IN_FLIGHT), "platform", "shop_id")

receipts = Table(
    "receipts",
    metadata,
    Column("intent", ForeignKey("intents.id"), primary_key=True),
    Column("run", ForeignKey("runs.id"), nullable=False),
    Column("amount", Fen, nullable=False),
    Column("proven_at", Moment, nullable=False),
    Column("body", Text, nullable=False),
    Index("receipts_by_run", "run"),
)
"""Proofs of effects; `run` is the run that found the proof, which after a crash is not the run that clicked."""

reservations = Table(
    "reservations",
    metadata,
    Column("intent", ForeignKey("intents.id"), nullable=False),
    *_shop(),
    _text("scope"),
    _text("day"),
    _text("state"),
    Column("reserved", Fen, nullable=False),
    Column("amount", Fen, nullable=False),
    Column("since", Moment, nullable=False),
    Column("resolved_at", Moment),
    Index("reservations_key", "intent", "scope", unique=True),
    Index("reservations_by_scope", "platform", "shop_id", "scope", "day"),
    Index("reservations_by_day", "day", "platform", "shop_id", "scope", "state", "amount"),
)
"""What counts against the caps: `amount` is the reserved sum while pending, the receipt's once posted, zero once void.

`since` and `resolved_at` are moments on the shop's clock: what counted at an earlier one can still be told.
"""

sightings = Table(
    "sightings",
    metadata,
    Column("seq", ForeignKey("events.seq"), nullable=False),
    Column("at", Moment, nullable=False),
    *_case(),
    _text("order_id"),
    _text("buyer"),
    _text("type"),
    _text("state"),
    Column("amount", Fen, nullable=False),
    Column("applied_at", Moment, nullable=False),
    _text("forward"),
    _text("returned"),
    _text("intercept", server_default=""),
    Index("sightings_key", "platform", "shop_id", "aftersale_id", "seq", unique=True),
    Index("sightings_by_seq", "platform", "shop_id", "seq"),
    Index("sightings_by_order", "platform", "shop_id", "order_id", "at"),
    Index("sightings_by_buyer", "platform", "shop_id", "buyer", "at"),
    Index("sightings_by_forward", "platform", "shop_id", "forward", "at"),
    Index("sightings_by_returned", "platform", "shop_id", "returned", "at"),
)
"""How a case looked from `at` on (the shop's clock), one row for each change: what was known at an earlier moment is the
newest row up to it. `buyer` is empty where only the list was read; waybills are blanked when the buyer is erased. `intercept`
is how far a request to bring the parcel back had come."""

picture_bands = Table(
    "picture_bands",
    metadata,
    Column("seq", ForeignKey("events.seq"), nullable=False),
    Column("at", Moment, nullable=False),
    *_case(),
    _text("picture"),
    _text("band"),
    Index("picture_bands_key", "platform", "shop_id", "aftersale_id", "picture", "band", unique=True),
    Index("picture_bands_by_band", "platform", "shop_id", "band"),
)
"""Every buyer's picture by its perceptual hash, once for each band of it: pictures that are alike share at least one."""

proof_bands = Table(
    "proof_bands",
    metadata,
    Column("seq", ForeignKey("events.seq"), nullable=False),
    *_case(),
    _text("order_id"),
    _text("sha256"),
    _text("picture"),
    _text("band"),
    Index("proof_bands_key", "platform", "shop_id", "aftersale_id", "sha256", "band", unique=True),
    Index("proof_bands_by_band", "band"),
)
"""Every picture of the inbox that was chosen as proof, by its bytes (a band of its own) and by what it looks like: one serves one case."""

alarms = Table(
    "alarms",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    *_case(),
    _text("subject"),
    _text("urgency"),
    _text("code"),
    Column("params", Text, nullable=False),
    Column("amount", Fen),
    Column("deadline", Moment),
    _text("picture"),
    Column("times", Integer, nullable=False),
    Column("raised_at", Moment, nullable=False),
    Column("last_at", Moment, nullable=False),
    Column("acknowledged_at", Moment),
    _text("acknowledged_by"),
    _text("note"),
    Index("alarms_by_subject", "subject", "number"),
)
"""Calls for a person, numbered from one: how each stands now. `subject` is a hash of what it is about."""

one_open_alarm = Index(
    "one_open_alarm",
    alarms.c.subject,
    unique=True,
    sqlite_where=alarms.c.acknowledged_at.is_(None),
    postgresql_where=alarms.c.acknowledged_at.is_(None),
)
"""What is open is not opened twice; the open ones are found by it too."""

alarm_sendings = Table(
    "alarm_sendings",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("alarm", ForeignKey(alarms.c.number), nullable=False),
    _text("message"),
    Column("rung", Integer, nullable=False),
    _text("channel"),
    Column("at", Moment, nullable=False),
    Column("ok", Integer, nullable=False),
    _text("detail"),
    Index("alarm_sendings_by_alarm", "alarm"),
    Index("alarm_sendings_by_message", "message"),
    Index("alarm_sendings_by_channel", "channel", "at"),
)
"""Every try to tell somebody of an alarm."""

duties = Table(
    "duties",
    metadata,
    _text("duty", primary_key=True),
    Column("began", Moment, nullable=False),
    Column("done_at", Moment, nullable=False),
)
"""When the service did each of its duties last: `sweep taobao/1001`, `audit`."""

missed_runs = Table(
    "missed_runs",
    metadata,
    Column("seq", ForeignKey("events.seq"), primary_key=True, autoincrement=False),
    Column("at", Moment, nullable=False),
    _text("duty"),
    Column("count", Integer, nullable=False),
    Column("first", Moment, nullable=False),
    Column("last", Moment, nullable=False),
    _text("cause"),
)
"""Runs of the schedule that did not take place, a row for each stretch of them."""

signoffs = Table(
    "signoffs",
    metadata,
    _text("id", primary_key=True),
    _text("kind"),
    _text("about"),
    Column("body", Text, nullable=False),
    Column("why", Text, nullable=False),
    _text("asked_by"),
    Column("asked_at", Moment, nullable=False),
    _text("state"),
    _text("answered_by", default=""),
    Column("answered_at", Moment),
)
"""What one person asked for at the console and a second one has to agree to (S17)."""
