"""rapidocr on onnxruntime behind the port: loaded late, once per process, models from its own wheel, never from the network."""

from __future__ import annotations

import threading
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from PIL.Image import Image

from bot.domain.lines import Box, Line
from bot.ports.ocr import OcrMissing, TextReader

_MODULES = ("rapidocr", "onnxruntime", "cv2", "numpy")
_MODELS = {
    "Det.model_path": "PP-OCRv6_det_small.onnx",
    "Cls.model_path": "ch_ppocr_mobile_v2.0_cls_mobile.onnx",
    "Rec.model_path": "PP-OCRv6_rec_small.onnx",
}
"""Named one by one, so that the package never looks for newer ones elsewhere."""

_THREADS = 2
"""More do not make a page faster (lab.md 4), and the browser needs the rest of the PC."""


class RapidReader:
    """One engine behind a lock: it keeps the options of a call in itself, so two calls at once would mix them."""

    def __init__(self, engine: Any) -> None:
        self._engine = engine
        self._lock = threading.Lock()

    def lines(self, image: Image) -> tuple[Line, ...]:
        """Detected, turned upright line by line, and read."""
        result = self._ask(image, use_det=True, use_cls=True)
        if result.txts is None or result.boxes is None:
            return ()
        found = zip(result.txts, result.boxes, _certainties(result), strict=True)
        return tuple(sorted((Line(text, _box(corners), sure) for text, corners, sure in found), key=_place))

    def line(self, image: Image) -> Line:
        """Read as it stands, without looking for where the text is."""
        result = self._ask(image, use_det=False, use_cls=False)
        text = "".join(result.txts or ())
        return Line(text, Box(0, 0, *image.size), min(_certainties(result), default=0.0) if text else 0.0)

    def _ask(self, image: Image, *, use_det: bool, use_cls: bool) -> Any:
        import numpy as np  # noqa: PLC0415 - an extra of the installation

        pixels = np.asarray(image.convert("RGB"))[:, :, ::-1]  # the engine wants blue first
        with self._lock:
            return self._engine(pixels, use_det=use_det, use_cls=use_cls, use_rec=True)


def installed() -> bool:
    """Whether the extra is there; nothing is loaded for the answer."""
    return all(find_spec(module) for module in _MODULES)


_ONE = threading.Lock()


def reader() -> TextReader:
    """The one reader of this process, loaded at the first call (about a second, 400 MB). Raises OcrMissing."""
    with _ONE:
        return _loaded()


@cache
def _loaded() -> RapidReader:
    try:
        import onnxruntime  # noqa: PLC0415 - an extra of the installation
        import rapidocr  # noqa: PLC0415
    except ImportError as missing:
        raise OcrMissing(f"{missing}") from missing
    if hasattr(onnxruntime, "disable_telemetry_events"):
        onnxruntime.disable_telemetry_events()
    models = Path(rapidocr.__file__).parent / "models"
    absent = [name for name in _MODELS.values() if not (models / name).is_file()]
    if absent:
        raise OcrMissing(f"{', '.join(absent)} is not in {models}")
    params: dict[str, Any] = {option: str(models / name) for option, name in _MODELS.items()}
    quiet = {"Global.log_level": "critical", "EngineConfig.onnxruntime.intra_op_num_threads": _THREADS}
    return RapidReader(rapidocr.RapidOCR(params=params | quiet))


def _certainties(result: Any) -> list[float]:
    return [float(score) for score in result.scores or ()]


def _box(corners: Any) -> Box:
    across, down = [float(x) for x, _y in corners], [float(y) for _x, y in corners]
    return Box(round(min(across)), round(min(down)), round(max(across)) + 1, round(max(down)) + 1)


def _place(line: Line) -> tuple[int, int]:
    return line.box.top, line.box.left
