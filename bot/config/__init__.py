"""Settings, policy and credentials of one home: read once, checked whole, told with file, line and key."""

from bot.config.credentials import Login, LoginKey
from bot.config.files import HomeFiles
from bot.config.home import Home, load_home
from bot.config.killswitch import FileKillSwitch
from bot.config.problems import BadConfig, Problem
from bot.config.redact import SECRETS
from bot.config.rules import read_policy
from bot.config.sandbox import Sandbox, read_sandbox, sandbox_address
from bot.config.scaffold import write_home
from bot.config.settings import Settings, Shop
from bot.config.watching import PolicyFile, SettingsFile

__all__ = [
    "SECRETS",
    "BadConfig",
    "FileKillSwitch",
    "Home",
    "HomeFiles",
    "Login",
    "LoginKey",
    "PolicyFile",
    "Problem",
    "Sandbox",
    "Settings",
    "SettingsFile",
    "Shop",
    "load_home",
    "read_policy",
    "read_sandbox",
    "sandbox_address",
    "write_home",
]
