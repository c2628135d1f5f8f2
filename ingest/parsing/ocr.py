"""Text in pictures: PP-OCRv6 finds the lines and reads them, through onnxruntime, from models that we pin.

Nothing of it is imported before a page needs it. The models come as open descriptors: inside the enclosure their folder
cannot be seen.
"""

import os
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ingest.parsing.lines import Cell, Row, placed

LONGEST: Final = 2_400
"""Pixels of the longer side of a page as it is read: 200 dots per inch of an A4 sheet."""
_SEEN: Final = 1_216
"""Pixels of the longer side of a page as lines are looked for: small print is still found, at a fourth of the time."""
_INK, _SURE, _GROWS = 0.3, 0.5, 1.6
"""Where a pixel belongs to a line, which lines count, and how far the found core is from the line's edge."""
_HEIGHT, _WIDEST, _BATCH = 48, 2_400, 6
_READABLE: Final = 0.6
_LINES: Final = 2_000
_THREADS: Final = 2

Greys = NDArray[np.uint8]
Numbers = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Models:
    """Open descriptors of the model that finds lines and of the one that reads them."""

    finder: int
    reader: int


@dataclass(frozen=True, slots=True)
class _Spot:
    """A line in pixels of a page turned upright."""

    left: float
    top: float
    right: float
    bottom: float


class Eyes:
    """Reads pages. The models are loaded by the first page."""

    def __init__(self, models: Models) -> None:
        self._models = models

    def rows(self, page: Greys, number: int, width: float, height: float) -> list[Row]:
        """The lines that can be read on `page`, from top to bottom, in points of a page of `width` by `height`."""
        spots, turn = self._spots(page)
        upright = Image.fromarray(page).rotate(np.degrees(turn), Image.Resampling.BILINEAR, fillcolor=255)
        read = self._read(upright, spots)
        scale = width / page.shape[1]
        kept = [(spot, text) for spot, (text, sure) in zip(spots, read, strict=True) if text and sure >= _READABLE]
        return [_row(line, number, scale, (width, height)) for line in _lines(kept)]

    # --- Where the lines are ------------------------------------------------------------------------------------------

    def _spots(self, page: Greys) -> tuple[list[_Spot], float]:
        """The lines of `page`, and by how much it must be turned to stand upright, in radians."""
        seen = _fitted(page)
        share = np.array([page.shape[1] / seen.shape[1], page.shape[0] / seen.shape[0]])
        cores = self._cores(seen)
        turn = _slant(cores)
        middle = np.array([page.shape[1] / 2, page.shape[0] / 2])
        spun = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
        spots = []
        for core in cores:
            points = (core * share - middle) @ spun.T + middle
            left, top = map(float, points.min(axis=0))
            right, bottom = map(float, points.max(axis=0) + share)
            wide, high = right - left, bottom - top
            grown = wide * high * _GROWS / (2 * (wide + high))
            spots.append(_Spot(left - grown, top - grown, right + grown, bottom + grown))
        return spots, float(turn)

    def _cores(self, seen: Greys) -> list[NDArray[np.float64]]:
        """The pixels (x, y) of the core of each line."""
        from scipy import ndimage

        colours = np.repeat((seen / np.float32(127.5) - np.float32(1))[None, None], 3, axis=1)
        (found,) = self._finder.run(None, {"x": colours})
        ink = found[0, 0]
        labels, _ = ndimage.label(ink > _INK)
        cores = []
        for number, window in enumerate(ndimage.find_objects(labels)[:_LINES], 1):
            down, across = np.nonzero(labels[window] == number)
            if min(np.ptp(down), np.ptp(across)) >= 2 and ink[window][down, across].mean() > _SURE:
                cores.append(np.stack([across + window[1].start, down + window[0].start], 1).astype(float))
        return cores

    # --- What they say ------------------------------------------------------------------------------------------------

    def _read(self, upright: Image.Image, spots: list[_Spot]) -> list[tuple[str, float]]:
        """The text of each line and how sure it is, 0 to 1. Lines of one length are read together."""
        strips = [_strip(upright, spot) for spot in spots]
        texts = [("", 0.0)] * len(strips)
        order = sorted(range(len(strips)), key=lambda index: strips[index].shape[1])
        for start in range(0, len(order), _BATCH):
            batch = order[start : start + _BATCH]
            widest = max(strips[index].shape[1] for index in batch)
            given = np.zeros((len(batch), 3, _HEIGHT, widest), np.float32)
            for place, index in enumerate(batch):
                given[place, :, :, : strips[index].shape[1]] = strips[index] / np.float32(127.5) - 1
            (chances,) = self._reader.run(None, {"x": given})
            for place, index in enumerate(batch):
                texts[index] = self._decoded(chances[place])
        return texts

    def _decoded(self, chances: Numbers) -> tuple[str, float]:
        """The likeliest character of each step; the same one twice is one, and the first of all is none."""
        best = chances.argmax(axis=1)
        kept = (best != 0) & np.concatenate([[True], best[1:] != best[:-1]])
        text = "".join(self._alphabet[index] for index in best[kept])
        return text.strip(), float(chances.max(axis=1)[kept].mean()) if kept.any() else 0.0

    @cached_property
    def _alphabet(self) -> list[str]:
        told: str = self._reader.get_modelmeta().custom_metadata_map["character"]
        return ["", *told.splitlines(), " "]

    @cached_property
    def _finder(self) -> Any:
        return _session(self._models.finder)

    @cached_property
    def _reader(self) -> Any:
        return _session(self._models.reader)


def _session(descriptor: int) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = _THREADS
    options.enable_cpu_mem_arena = False
    options.log_severity_level = 4
    content = os.pread(descriptor, os.fstat(descriptor).st_size, 0)
    return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])


def _fitted(page: Greys) -> Greys:
    """`page` with sides that are multiples of 32, the longer one at most _SEEN."""
    factor = min(1.0, _SEEN / max(page.shape))
    high, wide = (max(32, round(side * factor / 32) * 32) for side in page.shape)
    return np.asarray(Image.fromarray(page).resize((wide, high), Image.Resampling.BOX if factor < 1 else None))


def _slant(cores: list[NDArray[np.float64]]) -> float:
    """By how much the long lines fall to the right, in radians; 0 where it is no scanner's slant but something else."""
    slants = [
        np.arctan(np.polyfit(core[:, 0], core[:, 1], 1)[0])
        for core in cores
        if np.ptp(core[:, 0]) > 8 * max(np.ptp(core[:, 1]), 4)
    ]
    middle = float(np.median(slants)) if slants else 0.0
    return middle if abs(middle) < 0.1 else 0.0


def _strip(upright: Image.Image, spot: _Spot) -> Greys:
    """The line cut out, as high as the reader wants it."""
    high = max(spot.bottom - spot.top, 1.0)
    wide = min(max(round(_HEIGHT * (spot.right - spot.left) / high), 8), _WIDEST)
    box = (spot.left, spot.top, spot.right, spot.bottom)
    cut = upright.transform((wide, _HEIGHT), Image.Transform.EXTENT, box, Image.Resampling.BICUBIC, fillcolor=255)
    return np.asarray(cut)


# --- As rows of a page ------------------------------------------------------------------------------------------------


def _lines(read: list[tuple[_Spot, str]]) -> list[list[tuple[_Spot, str]]]:
    """What stands side by side is one line of several cells."""
    lines: list[list[tuple[_Spot, str]]] = []
    for spot, text in sorted(read, key=lambda one: one[0].top + one[0].bottom):
        last = lines[-1][0][0] if lines else None
        if last is not None and min(last.bottom, spot.bottom) - max(last.top, spot.top) > 0.6 * min(
            last.bottom - last.top, spot.bottom - spot.top
        ):
            lines[-1].append((spot, text))
        else:
            lines.append([(spot, text)])
    usual = float(np.median([spot.bottom - spot.top for spot, _ in read])) if read else 1.0
    return [sorted(_evened(line, usual), key=lambda one: one[0].left) for line in lines]


def _evened(line: list[tuple[_Spot, str]], usual: float) -> list[tuple[_Spot, str]]:
    """Lines of nearly the usual height get it: the height of ink depends on the letters, not on the size of print."""
    evened = []
    for spot, text in line:
        high = spot.bottom - spot.top
        middle, half = (spot.top + spot.bottom) / 2, (usual if 0.7 < high / usual < 1.3 else high) / 2
        evened.append((_Spot(spot.left, middle - half, spot.right, middle + half), text))
    return evened


def _row(line: list[tuple[_Spot, str]], number: int, scale: float, page: tuple[float, float]) -> Row:
    cells = [Cell(text, spot.left * scale, spot.right * scale) for spot, text in line]
    merged = cells[:1]
    for before, cell in pairwise(cells):
        high = (line[0][0].bottom - line[0][0].top) * scale
        if cell.left - before.right < 0.6 * high:
            merged[-1] = Cell(f"{merged[-1].text} {cell.text}", merged[-1].left, cell.right)
        else:
            merged.append(cell)
    top = page[1] - min(spot.top for spot, _ in line) * scale
    bottom = page[1] - max(spot.bottom for spot, _ in line) * scale
    size = round(max(spot.bottom - spot.top for spot, _ in line) * scale * 0.6, 1)
    spot = (cells[0].left, top, cells[-1].right, bottom)
    text = " ".join(cell.text for cell in merged)
    return Row(text, tuple(merged), bottom, top, size, False, placed(number, spot, (0.0, 0.0, *page)))  # noqa: FBT003 - print is not seen as bold
