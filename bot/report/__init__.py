"""The report of a sweep: one offline HTML file that a shop owner likes to read, and a workbook of the same."""

from bot.report.source import ShopRun
from bot.report.write import build

__all__ = ["ShopRun", "build"]
