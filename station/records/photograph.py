"""Photographs as files that speak for themselves: a JPEG whose comment says what it is and proves that it is whole.

The comment is a JSON object with the capture's header, the length of the JPEG without the comment, and its SHA-256.
So a file that was cut off or torn by a power cut is told from a whole one, without the record.
"""

from __future__ import annotations

import hashlib
import io
import json
from dataclasses import dataclass

from PIL import Image

from station.records.rows import CaptureHeader
from station.values import UInt8Image

SOI, APP0, COM = b"\xff\xd8", b"\xff\xe0", b"\xff\xfe"


@dataclass(frozen=True, slots=True)
class WholePhotograph:
    """A photograph that was checked. size: its bytes in the file; more may follow from an unused reservation."""

    header: CaptureHeader
    size: int
    width_px: int
    height_px: int


def encode(pixels: UInt8Image, header: CaptureHeader, quality: int) -> bytes:
    """A JPEG (4:4:4) of pixels (H, W, 3) uint8 RGB with its comment."""
    packed = io.BytesIO()
    Image.fromarray(pixels).save(packed, "JPEG", quality=quality, subsampling=0)
    data = packed.getvalue()
    proof = {"jpeg_bytes": len(data), "jpeg_sha256": hashlib.sha256(data).hexdigest()}
    comment = json.dumps({"header": header.as_dict(), **proof}, sort_keys=True).encode()
    place = _comment_place(data)
    return data[:place] + COM + (len(comment) + 2).to_bytes(2, "big") + comment + data[place:]


def check(data: bytes) -> WholePhotograph:
    """Reads the comment and checks the rest against it. Raises ValueError unless all of it is there and unharmed."""
    if data[:2] != SOI:
        raise ValueError("not a JPEG")
    place = _comment_place(data)
    length = int.from_bytes(data[place + 2 : place + 4], "big")
    end = place + 2 + length
    if data[place : place + 2] != COM or length < 2 or end > len(data):
        raise ValueError("no comment of the station")
    try:
        comment = json.loads(data[place + 4 : end])
    except RecursionError as error:
        raise ValueError("no comment of the station") from error
    try:
        header = CaptureHeader.from_dict(comment["header"])
        size, sha256 = int(comment["jpeg_bytes"]), str(comment["jpeg_sha256"])
    except (KeyError, TypeError, OverflowError) as error:
        raise ValueError(f"incomplete comment: {error}") from error
    whole = size + end - place
    picture = data[:place] + data[end:whole]
    if hashlib.sha256(picture).hexdigest() != sha256:
        raise ValueError("cut off or damaged")
    if data[whole:].strip(b"\0"):
        raise ValueError("something follows the picture")
    try:
        with Image.open(io.BytesIO(picture)) as opened:
            width, height = opened.size
    except (OSError, SyntaxError, Image.DecompressionBombError) as error:
        raise ValueError(f"not a picture: {error}") from error
    return WholePhotograph(header, whole, width, height)


def _comment_place(data: bytes) -> int:
    """Where the comment stands: after the JFIF segment, which must be the first."""
    return 4 + int.from_bytes(data[4:6], "big") if data[2:4] == APP0 else 2
