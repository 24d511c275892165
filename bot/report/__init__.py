"""The report of a sweep: one offline HTML file that a shop owner likes to read, and a workbook of the same."""

from bot.report.build import build
from bot.report.source import ShopRun

__all__ = ["ShopRun", "build"]
