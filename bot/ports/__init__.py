"""Protocols between the engine and the world: desks, ledger, evidence, clock, notifier, progress; each has at least two implementations."""
