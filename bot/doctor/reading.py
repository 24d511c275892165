"""Check of the extra that reads pictures: there, missing, or not wanted."""

from __future__ import annotations

from bot.doctor.finding import Finding, found
from bot.doctor.patient import Patient
from bot.errors import OcrMissing
from bot.ocr import engine


def reading(patient: Patient) -> Finding:
    """Loads nothing unless it is installed; then the models have to be whole."""
    wanted = patient.settings.evidence.read if patient.settings else "auto"
    if not engine.installed():
        return found({"off": "reading.off", "required": "reading.needed"}.get(wanted, "reading.missing"))
    try:
        engine.models()
    except OcrMissing as broken:
        return found("reading.broken", detail=broken)
    return found("reading.off" if wanted == "off" else "reading.ok")
