"""Photographs in and out of files: decoding with every oddity made plain RGB, and writing that is never half done."""

from __future__ import annotations

import contextlib
import io
import math
import os
import secrets
import select
import stat
import struct
import warnings
import zlib
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, PngImagePlugin, UnidentifiedImageError

from station.errors import ImageError, StorageError, UsageError
from station.values import BoolMask, UInt8Image

MIN_SIDE_PX = 64
MAX_PIXELS = 120_000_000
"""Twice the largest camera in use; beyond it a file is a decompression bomb or a mistake."""

MAX_FILE_BYTES = 500_000_000
"""A picture of `MAX_PIXELS` with 4 uncompressed bytes a pixel has 480 MB."""

PIPE_WAIT_S = 10.0
"""How long nothing may come through a pipe before its writer counts as gone."""

DRAWN_KEY, DRAWN = "Station-Picture", "density map"
"""PNG text chunk of pictures that the station drew: they are never measured as photographs."""

MIN_PX_PER_MM, MAX_PX_PER_MM = 15.0, 500.0
"""Below, a hair of 0.07 mm is a single pixel; above, a frame shows less than one follicular unit."""

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".tif", ".tiff", ".bmp", ".webp", ".ppm", ".pgm", ".gif", ".mpo"})
"""File names that are taken for photographs when a folder is read."""

FORMATS = ("JPEG", "PNG", "TIFF", "BMP", "WEBP", "PPM", "GIF")
"""What is decoded; formats that start other programs (EPS) are left out."""

BAND_PX = 256
HALF_OPAQUE = 128

BITS_PER_SAMPLE = 258  # TIFF 6.0, tag 258

_DECODER_ERRORS = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    ArithmeticError,
    EOFError,
    NotImplementedError,
    struct.error,
    zlib.error,
)
"""What Pillow's decoders raise on damaged files."""


def read_photograph(path: Path) -> UInt8Image:
    """The photograph in `path` as (H, W, 3) uint8 RGB, upright.

    The EXIF orientation is applied; grey, palette, CMYK and other colour spaces become RGB; 16-bit samples are scaled
    by their bit depth; transparent areas become white; of several pages the first is taken. Raises ImageError, in one
    sentence that names the file, when it cannot be read, is neither a file nor a pipe, is smaller than 64 px a side,
    larger than 120 megapixels (seen in its header, before anything is decoded) or 500 MB, or is a density map that
    the station drew.
    """
    return read_with_transparency(path)[0]


def read_with_transparency(path: Path) -> tuple[UInt8Image, BoolMask | None]:
    """As `read_photograph`, and an (H, W) bool mask, True where the picture shows something; None: everywhere."""
    try:
        return _decoded(_content(path), str(path))
    except MemoryError as error:
        raise _too_much_memory(str(path)) from error
    except OSError as error:
        if isinstance(error, ImageError):
            raise
        raise _unreadable(path, error.strerror or str(error)) from error


def decode_photograph(data: bytes, name: str) -> UInt8Image:
    """As `read_photograph`, from the bytes of a file; `name` stands for it in errors."""
    return _decoded(data, name)[0]


def _decoded(data: bytes, name: str) -> tuple[UInt8Image, BoolMask | None]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # odd metadata, and sizes that are checked below
            with Image.open(io.BytesIO(data), formats=FORMATS) as image:
                if image.info.get(DRAWN_KEY) == DRAWN:
                    raise ImageError(
                        f"{name} is a density map that the station drew: give the photograph itself.", person=_PERSON
                    )
                _check_size(image, name)
                return _upright_rgb(image, name)
    except ImageError:
        raise
    except Image.DecompressionBombError as error:
        raise _too_large(name) from error
    except UnidentifiedImageError as error:
        raise ImageError(
            f"{name} is not an image that can be read: give a photograph as JPEG, PNG, TIFF, BMP, WebP, GIF or PPM.",
            person=_PERSON,
        ) from error
    except MemoryError as error:
        raise _too_much_memory(name) from error
    except _DECODER_ERRORS as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise ImageError(
            f"{name} is damaged or cut short ({reason}): copy it again from its source.", person=_PERSON
        ) from error


def encode_jpeg(pixels: UInt8Image, quality: int = 95) -> bytes:
    """(H, W, 3) uint8 RGB as JPEG with full colour resolution (4:4:4)."""
    return _encoded(pixels, "JPEG", quality=quality, subsampling=0)


def encode_png(pixels: UInt8Image, *, drawn: bool = False) -> bytes:
    """(H, W, 3) RGB or (H, W, 4) RGBA uint8 as PNG. drawn: marks it as a density map, which is no photograph."""
    notes = PngImagePlugin.PngInfo()
    if drawn:
        notes.add_text(DRAWN_KEY, DRAWN)
    return _encoded(pixels, "PNG", compress_level=6, pnginfo=notes)


def write_durably(path: Path, data: bytes) -> None:
    """Write a file that is either complete or not there, also after a power cut.

    To a temporary name in the same folder, fsync, rename, fsync of the folder. Raises StorageError when the folder is
    missing, read-only or full; an older file of that name is then still whole.
    """
    target = _regular_target(path)
    temporary = _temporary_beside(target)
    try:
        with temporary.open("xb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(target)
        folder = os.open(target.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        raise _cannot_write(path, error.strerror or str(error)) from error
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)


def check_writable(path: Path, size: int = 1) -> None:
    """Raise StorageError when `write_durably` could not write `size` bytes to `path`: before long work, not after."""
    temporary = _temporary_beside(_regular_target(path))
    try:
        with temporary.open("xb") as probe:
            os.posix_fallocate(probe.fileno(), 0, size)
    except OSError as error:
        raise _cannot_write(path, error.strerror or str(error)) from error
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)


def photographs_in(folder: Path) -> tuple[Path, ...]:
    """The photographs of a folder by name; its sub-folders, hidden and other files and the station's own density maps
    are passed over.

    Raises ImageError when it cannot be read or holds none.
    """
    try:
        found = sorted(
            path
            for path in folder.iterdir()
            if path.suffix.lower() in SUFFIXES and not path.name.startswith(".") and path.is_file()
        )
    except OSError as error:
        raise ImageError(
            f"The folder {folder} cannot be read ({error.strerror or error}): name a folder of photographs that you "
            "may read.",
            person=_PERSON,
        ) from error
    photographs = tuple(path for path in found if not _is_drawn(path))
    if not photographs:
        kinds = ", ".join(sorted(SUFFIXES))
        raise ImageError(
            f"The folder {folder} holds no photographs: name one that has files ending in {kinds}.", person=_PERSON
        )
    return photographs


def checked_px_per_mm(value: float) -> float:
    """`value` when it is a scale that hairs can be counted at; otherwise UsageError."""
    if not (math.isfinite(value) and MIN_PX_PER_MM <= value <= MAX_PX_PER_MM):
        raise UsageError(
            f"The scale must be {MIN_PX_PER_MM:g} to {MAX_PX_PER_MM:g} px/mm, not {value:g}: measure it on a ruler in "
            "the picture."
        )
    return value


def _content(path: Path) -> bytes:
    """All of a file or a pipe, never more than `MAX_FILE_BYTES`. Raises ImageError, OSError or MemoryError."""
    kind = path.stat().st_mode
    if stat.S_ISDIR(kind):
        raise _unreadable(path, "it is a folder")
    if not (stat.S_ISREG(kind) or stat.S_ISFIFO(kind)):
        raise _unreadable(path, "it is a device or a socket")
    # Without O_NONBLOCK, opening a named pipe waits for a writer that may never come.
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(handle, "rb", buffering=0) as stream:
        if stat.S_ISREG(kind):
            if os.fstat(handle).st_size > MAX_FILE_BYTES:
                raise _too_heavy(path)
            return stream.read()
        return _through_pipe(handle, path)


def _through_pipe(handle: int, path: Path) -> bytes:
    pieces: list[bytes] = []
    size = 0
    while True:
        if not select.select([handle], [], [], PIPE_WAIT_S)[0]:
            raise _unreadable(path, f"nothing came through this pipe in {PIPE_WAIT_S:g} s")
        piece = os.read(handle, 1 << 20)
        if not piece:
            return b"".join(pieces)
        size += len(piece)
        if size > MAX_FILE_BYTES:
            raise _too_heavy(path)
        pieces.append(piece)


def _is_drawn(path: Path) -> bool:
    """True for a density map that the station drew; what cannot be looked at is left to the one who reads it."""
    if path.suffix.lower() != ".png":
        return False
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(path, formats=("PNG",)) as image:
                return image.info.get(DRAWN_KEY) == DRAWN
    except (*_DECODER_ERRORS, Image.DecompressionBombError, MemoryError):
        return False


def _unreadable(path: Path, reason: str) -> ImageError:
    return ImageError(f"{path} cannot be read ({reason}): give a photograph that you may read.", person=_PERSON)


def _too_heavy(path: Path) -> ImageError:
    return ImageError(
        f"{path} has more than {MAX_FILE_BYTES // 1_000_000} MB: save the photograph as JPEG or PNG.", person=_PERSON
    )


def _too_much_memory(name: str) -> ImageError:
    return ImageError(f"{name} does not fit in memory: make it smaller.", person=_PERSON)


def _regular_target(path: Path) -> Path:
    """Where `path` leads; a device or a folder of that name must not be replaced by a file."""
    target = path.resolve()
    try:
        if target.exists() and not target.is_file():
            raise _cannot_write(path, "it is not a file")
    except OSError as error:
        if isinstance(error, StorageError):
            raise
        raise _cannot_write(path, error.strerror or str(error)) from error
    return target


def _temporary_beside(path: Path) -> Path:
    """A hidden name in the folder of `path`, for what is not yet complete."""
    return path.with_name(f".{path.name[:100]}.{secrets.token_hex(4)}.part")


def _cannot_write(path: Path, reason: str) -> StorageError:
    return StorageError(f"{path} cannot be written ({reason}): choose a folder that exists and has room.")


_PERSON = "This photograph cannot be used. Please take it again."


def _check_size(image: Image.Image, name: str) -> None:
    width, height = image.size
    if width * height > MAX_PIXELS:
        raise _too_large(name, width, height)
    if min(width, height) < MIN_SIDE_PX:
        raise ImageError(
            f"{name} has only {width}x{height} px: at least {MIN_SIDE_PX} px a side are needed.", person=_PERSON
        )


def _too_large(name: str, width: int = 0, height: int = 0) -> ImageError:
    size = f" ({width}x{height} px)" if width else ""
    return ImageError(
        f"{name} has more than {MAX_PIXELS // 1_000_000} megapixels{size}: cut it or scale it down.",
        person=_PERSON,
    )


def _upright_rgb(image: Image.Image, name: str) -> tuple[UInt8Image, BoolMask | None]:
    image.seek(0)
    image.load()
    eight_bit = _eight_bit(image, name)
    orientation = image.getexif().get(0x0112, 1) if image.format != "GIF" else 1
    if orientation in range(2, 9):
        exif = eight_bit.getexif()
        exif[0x0112] = orientation
        eight_bit = ImageOps.exif_transpose(eight_bit)
    if not eight_bit.has_transparency_data:
        return _pixels(eight_bit.convert("RGB") if eight_bit.mode != "RGB" else eight_bit), None
    shown = eight_bit.convert("RGBA")
    opaque = Image.new("RGBA", shown.size, "white")
    opaque.alpha_composite(shown)
    return _pixels(opaque.convert("RGB")), np.asarray(shown.getchannel("A")) >= HALF_OPAQUE


def _pixels(image: Image.Image) -> UInt8Image:
    """The array of an RGB image, copied in bands: in one piece it would be held three times for a moment."""
    pixels = np.empty((image.height, image.width, 3), np.uint8)
    for top in range(0, image.height, BAND_PX):
        bottom = min(top + BAND_PX, image.height)
        pixels[top:bottom] = np.asarray(image.crop((0, top, image.width, bottom)))
    return pixels


def _eight_bit(image: Image.Image, name: str) -> Image.Image:
    """Grey of more than 8 bits scaled by its bit depth; everything else as it is."""
    if image.mode.startswith("I"):
        bits = 16
        if image.format == "TIFF":
            stated = image.tag_v2.get(BITS_PER_SAMPLE, 16)  # type: ignore[attr-defined]
            bits = int(stated[0] if isinstance(stated, tuple) else stated)
        samples: NDArray[np.int64] = np.asarray(image).astype(np.int64)
        scaled = (samples * 255 + (2**bits - 1) // 2) // (2**bits - 1)
        return Image.fromarray(scaled.clip(0, 255).astype(np.uint8))
    if image.mode == "F":
        raise ImageError(
            f"{name} holds floating-point samples of unknown range: save it with 8 or 16 bits.", person=_PERSON
        )
    return image


def _encoded(pixels: UInt8Image, kind: Literal["JPEG", "PNG"], **options: object) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, kind, **options)
    return stream.getvalue()
