"""Proof that a policy has no hole, no dead strategy and no quarrel, or the case that shows where it has."""

from bot.engine.check.check import Progress, check_policy
from bot.engine.check.finding import Case, Finding, Kind, Pattern, Severity, Trait

__all__ = ["Case", "Finding", "Kind", "Pattern", "Progress", "Severity", "Trait", "check_policy"]
