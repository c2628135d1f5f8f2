"""Pictures of pages as small PNG files, to find a marked passage on."""

import io
from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

_BYTES: Final = 150_000
LONGEST: Final = 1_600
"""Pixels of a picture's longer side."""


def png(draw: Callable[[float], NDArray[np.uint8]]) -> bytes:
    """The page as `draw` paints it in greys at a share of its full size; b"" if even a small picture is too large.

    Greys are cut to four bits by shifting: choosing a palette for each page took seven times as long.
    """
    for factor, bits in ((1.0, 4), (1.0, 2), (0.6, 2), (0.3, 1)):
        image = Image.fromarray(np.ascontiguousarray(draw(factor) >> (8 - bits)), "P")
        steps = (1 << bits) - 1
        image.putpalette([value * 255 // steps for value in range(steps + 1) for _ in "rgb"])
        stream = io.BytesIO()
        image.save(stream, "PNG", bits=bits, compress_level=4)  # half the time of the usual 6, a twentieth more bytes
        if stream.tell() <= _BYTES:
            return stream.getvalue()
    return b""
