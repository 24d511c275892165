"""rapidocr on onnxruntime behind the port: loaded late, once per process, models from its own wheel, never from the network."""

from __future__ import annotations

import threading
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from PIL.Image import Image

from bot.domain.lines import Box, Line
from bot.memory import give_back
from bot.ports.ocr import OcrMissing, TextReader

_MODULES = ("rapidocr", "onnxruntime", "cv2", "numpy")
_MODELS = {
    "Det.model_path": "PP-OCRv6_det_small.onnx",
    "Cls.model_path": "ch_ppocr_mobile_v2.0_cls_mobile.onnx",
    "Rec.model_path": "PP-OCRv6_rec_small.onnx",
}
"""Named one by one, so that the package never looks for newer ones elsewhere."""

_OPTIONS: dict[str, Any] = {
    "Global.log_level": "critical",
    "EngineConfig.onnxruntime.intra_op_num_threads": 1,
    "Det.limit_side_len": 1280,
    "Det.limit_type": "max",
    "Rec.rec_batch_num": 1,
}
"""Measured (docs/benchmarks.md): a second thread spins more than it reads and the browser needs the core; enlarging before the
search costs three times the time and finds nothing more; lines of unlike lengths read together are all padded to the longest."""


class RapidReader:
    """One engine behind a lock: it keeps the options of a call in itself, so two calls at once would mix them."""

    def __init__(self, engine: Any) -> None:
        self._engine = engine
        self._lock = threading.Lock()

    def lines(self, image: Image) -> tuple[Line, ...]:
        """Found and read as they stand: whoever expects a picture upside down turns it first."""
        result = self._ask(image, use_det=True)
        if result.txts is None or result.boxes is None:
            return ()
        words = result.word_results if len(result.word_results) == len(result.txts) else ((),) * len(result.txts)
        found = zip(result.txts, result.boxes, result.scores, words, strict=True)
        lines = (Line(text, _box(corners), float(mean), _sure(text, word)) for text, corners, mean, word in found)
        return tuple(sorted(lines, key=_place))

    def line(self, image: Image) -> Line:
        """Read as it stands, without looking for where the text is."""
        result = self._ask(image, use_det=False)
        text = "".join(result.txts or ())
        return Line(text, Box(0, 0, *image.size), min(map(float, result.scores or ()), default=0.0) if text else 0.0)

    def _ask(self, image: Image, *, use_det: bool) -> Any:
        import numpy as np  # noqa: PLC0415 - an extra of the installation

        pixels = np.asarray(image.convert("RGB"))[:, :, ::-1]  # the engine wants blue first
        with self._lock:
            result = self._engine(
                pixels,
                use_det=use_det,
                use_cls=False,
                use_rec=True,
                return_word_box=use_det,
                return_single_char_box=use_det,
            )
            give_back()
            return result


def installed() -> bool:
    """Whether the extra is there; nothing is loaded for the answer."""
    return all(find_spec(module) for module in _MODULES)


_ONE = threading.Lock()


def reader() -> TextReader:
    """The one reader of this process, loaded at the first call (about a second, 100 MB; while a page is read up to 400). Raises OcrMissing."""
    with _ONE:
        return _loaded()


def models() -> dict[str, str]:
    """The engine's options that name its models' files. Raises OcrMissing where one is not there."""
    spec = find_spec("rapidocr")
    folder = Path(spec.origin or "").parent / "models" if spec else Path()
    absent = [name for name in _MODELS.values() if not (folder / name).is_file()]
    if absent:
        raise OcrMissing(f"{', '.join(absent)} is not in {folder}")
    return {option: str(folder / name) for option, name in _MODELS.items()}


@cache
def _loaded() -> RapidReader:
    try:
        import onnxruntime  # noqa: PLC0415 - an extra of the installation
        import rapidocr  # noqa: PLC0415 - an extra of the installation
    except ImportError as missing:
        raise OcrMissing(f"{missing}") from missing
    if hasattr(onnxruntime, "disable_telemetry_events"):
        onnxruntime.disable_telemetry_events()
    return RapidReader(rapidocr.RapidOCR(params={**models(), **_OPTIONS}))


def _sure(text: str, words: Any) -> tuple[float, ...]:
    """One number for each character, blanks being certain; nothing where the engine's characters are not those of its text."""
    letters = [(str(letter), float(score)) for letter, score, _box in words]
    if "".join(letter for letter, _ in letters) != "".join(text.split()) or any(len(one) != 1 for one, _ in letters):
        return ()
    scores = iter(score for _, score in letters)
    return tuple(1.0 if letter.isspace() else next(scores) for letter in text)


def _box(corners: Any) -> Box:
    across, down = [float(x) for x, _y in corners], [float(y) for _x, y in corners]
    return Box(round(min(across)), round(min(down)), round(max(across)) + 1, round(max(down)) + 1)


def _place(line: Line) -> tuple[int, int]:
    return line.box.top, line.box.left
