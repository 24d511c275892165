"""Rehearsal: a candidate policy judged on the shop's own past, as of then; pure, reads what it is handed, never writes."""

from bot.backtest.flips import Course, Flip, course_of
from bot.backtest.rehearse import Rehearsal, Totals

__all__ = ["Course", "Flip", "Rehearsal", "Totals", "course_of"]
