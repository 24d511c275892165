"""An imitation of a courier's customer portal, on an origin of its own; a reconstruction, no live portal was seen."""

from simulator.courier.routes import build

__all__ = ["build"]
