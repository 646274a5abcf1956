"""What lies below the brows never leaves the memory."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from station.capture.face_mask import BLANK, LONGEST_SIDE_PX, SAFE_LINE, masked, masked_jpeg
from station.capture.refusal import VisitError
from station.errors import ImageError

RNG = np.random.default_rng(3)


def picture(width: int, height: int, form: str = "PNG", **more: object) -> bytes:
    out = io.BytesIO()
    Image.fromarray(RNG.integers(0, 256, (height, width, 3), dtype=np.uint8)).save(out, form, **more)
    return out.getvalue()


def opened(jpeg: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(jpeg)), dtype=np.int16)


@pytest.mark.parametrize("line", [0.05, SAFE_LINE, 0.5, 0.9])
def test_below_the_line_every_pixel_is_blank_and_above_it_none_is_touched(line: float) -> None:
    pixels = RNG.integers(0, 256, (200, 120, 3), dtype=np.uint8)
    found = masked(pixels, line)
    first = int(line * 200)
    assert (found[first:] == BLANK).all()
    assert (found[:first] == pixels[:first]).all()
    assert (masked(pixels, None) == pixels).all()


@pytest.mark.parametrize("line", [-1.0, 0.0, 0.04, 0.91, 1.0, 7.0, float("nan")])
def test_an_impossible_line_is_refused(line: float) -> None:
    with pytest.raises(VisitError, match="Move it to the eyebrows"):
        masked(np.zeros((100, 100, 3), np.uint8), line)


def test_the_line_is_drawn_on_the_upright_picture() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # lies on its side: a viewer turns it by 90 degrees
    jpeg, width, height = masked_jpeg(picture(400, 300, "JPEG", exif=exif, quality=95), 0.4)
    assert (width, height) == (300, 400)
    assert (abs(opened(jpeg)[164:] - BLANK) < 12).all()
    assert opened(jpeg)[:150].std() > 20


def test_a_stored_picture_carries_no_metadata_and_is_not_too_large() -> None:
    exif = Image.Exif()
    exif[0x010F] = "SECRET-CAMERA"
    exif.get_ifd(0x8825)[1] = "N"
    jpeg, width, height = masked_jpeg(picture(3200, 1600, "JPEG", exif=exif), SAFE_LINE)
    assert (width, height) == (LONGEST_SIDE_PX, LONGEST_SIDE_PX // 2)
    assert b"SECRET-CAMERA" not in jpeg
    assert b"Exif" not in jpeg
    assert not Image.open(io.BytesIO(jpeg)).getexif()


def test_what_is_no_picture_is_one_sentence() -> None:
    with pytest.raises(ImageError):
        masked_jpeg(b"%PDF-1.7 no picture", 0.4)
