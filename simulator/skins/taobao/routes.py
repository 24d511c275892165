"""Puts the pages of the Taobao skin together."""

from __future__ import annotations

from starlette.routing import Router

from simulator.skins.taobao.actions import ActionXhr
from simulator.skins.taobao.batch import BatchPage
from simulator.skins.taobao.complaint import ComplaintPages
from simulator.skins.taobao.detail import DetailPages
from simulator.skins.taobao.home import HomePage
from simulator.skins.taobao.kit import Faults, Kit
from simulator.skins.taobao.listing import ListPages
from simulator.skins.taobao.noise import Noise
from simulator.skins.taobao.refusal import RefusalPages
from simulator.skins.taobao.signin import SignInPages
from simulator.world.service import World


def build(world: World, faults: Faults, seed: int = 0) -> Router:
    """The shop's origin over a world; `seed` picks class names and the places of the traps."""
    kit = Kit(world, faults, seed)
    parts = (SignInPages, HomePage, ListPages, DetailPages, BatchPage, RefusalPages, ComplaintPages, ActionXhr, Noise)
    return Router([route for part in parts for route in part(kit).routes()])
