"""Judgement: pure functions from what is known of a case to what should be done; no I/O, no clock, no log."""
