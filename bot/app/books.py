"""Status and audit: the ledger read, counted and checked, without a browser."""

from __future__ import annotations
