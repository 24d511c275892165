"""The doctor: is this PC, and this home, fit to be left alone with money; what is not, and the cure."""

from bot.doctor.examine import examine
from bot.doctor.finding import Finding, Level

__all__ = ["Finding", "Level", "examine"]
