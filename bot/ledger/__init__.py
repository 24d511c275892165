"""The ledger: what was seen, decided, done and proven, in a hash chain; budgets, intents and leases over it."""

from bot.ledger.audit import audit
from bot.ledger.chain import Anchor
from bot.ledger.findings import AuditResult, Finding
from bot.ledger.hits import Hit
from bot.ledger.reader import SqlReader
from bot.ledger.runs import RunInfo
from bot.ledger.sql import SqlLedger

__all__ = ["Anchor", "AuditResult", "Finding", "Hit", "RunInfo", "SqlLedger", "SqlReader", "audit"]
