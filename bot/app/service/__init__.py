"""The service that is left running: `run_service` for the command line, `Service` for whoever asks it for errands."""

from bot.app.service.service import Guest, Service, run_service

__all__ = ["Guest", "Service", "run_service"]
