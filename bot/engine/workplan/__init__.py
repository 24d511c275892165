"""The order of work over all shops under their real limits, what will be late in it, and what that loses (ADR 0016)."""

from bot.engine.workplan.jobs import Job, Pace, at_stake, in_time
from bot.engine.workplan.layout import Slot, lay_out
from bot.engine.workplan.plan import LAST_CALL_S, Forecast, WorkPlan, workplan

__all__ = ["LAST_CALL_S", "Forecast", "Job", "Pace", "Slot", "WorkPlan", "at_stake", "in_time", "lay_out", "workplan"]
