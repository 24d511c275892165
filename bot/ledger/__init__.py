"""The ledger: what was seen, decided, done and proven, in a hash chain; budgets, intents and leases over it."""

from bot.ledger.reader import RunInfo, SqlReader
from bot.ledger.sql import SqlLedger

__all__ = ["RunInfo", "SqlLedger", "SqlReader"]
