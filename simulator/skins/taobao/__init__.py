"""An imitation of the Taobao/Tmall merchant back end; every page is a reconstruction from documents, none was copied."""

from simulator.skins.taobao.routes import build

__all__ = ["build"]
