"""Photographs as they come: every honest oddity is read, every defect is one sentence that names the file."""

from __future__ import annotations

import io
import os
import shutil
import stat
import struct
import warnings
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray
from PIL import Image

from station.errors import ImageError, StorageError, UsageError
from station.imaging import (
    check_writable,
    checked_px_per_mm,
    decode_photograph,
    encode_jpeg,
    encode_png,
    photographs_in,
    read_photograph,
    read_with_transparency,
    write_durably,
)

HEIGHT, WIDTH = 80, 100


def picture() -> NDArray[np.uint8]:
    """Red rises to the right, green downwards; blue marks the top left corner."""
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    pixels = np.dstack([x * 255 // (WIDTH - 1), y * 255 // (HEIGHT - 1), np.zeros_like(x)]).astype(np.uint8)
    pixels[:20, :20, 2] = 255
    return pixels


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def refusal(data: bytes) -> str:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(ImageError) as caught:
            decode_photograph(data, "site3.jpg")
    sentence = caught.value.operator
    assert "site3.jpg" in sentence
    assert "\n" not in sentence
    assert sentence.endswith(".")
    assert caught.value.exit_code == 1
    return sentence


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "BMP", "PPM"])
def test_lossless_formats_come_back_exactly(kind: str) -> None:
    np.testing.assert_array_equal(decode_photograph(saved(Image.fromarray(picture()), kind), "a"), picture())


def test_lossless_webp() -> None:
    data = saved(Image.fromarray(picture()), "WEBP", lossless=True)
    np.testing.assert_array_equal(decode_photograph(data, "a"), picture())


def test_grey_becomes_three_equal_channels() -> None:
    grey = picture()[:, :, 0]
    read = decode_photograph(saved(Image.fromarray(grey), "PNG"), "a")
    np.testing.assert_array_equal(read, np.repeat(grey[:, :, None], 3, axis=2))


def test_black_and_white_bitmap() -> None:
    bitmap = Image.fromarray(picture()[:, :, 0]).convert("1", dither=Image.Dither.NONE)
    read = decode_photograph(saved(bitmap, "PNG"), "a")
    assert set(np.unique(read)) == {0, 255}


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "PPM"])
def test_sixteen_bit_grey_is_scaled_not_clipped(kind: str) -> None:
    deep = np.linspace(0, 65535, WIDTH * HEIGHT).astype(np.uint16).reshape(HEIGHT, WIDTH)
    read = decode_photograph(saved(Image.fromarray(deep), kind), "a")[:, :, 0]
    assert np.abs(read.astype(int) - deep / 257).max() <= 1
    assert (read.min(), read.max()) == (0, 255)


def test_sixteen_bit_colour_png_keeps_its_high_bytes() -> None:
    deep = picture().astype(">u2") * 257
    rows = b"".join(b"\x00" + row.tobytes() for row in deep)
    data = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", WIDTH, HEIGHT, 16, 2, 0, 0, 0))
    data += chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    np.testing.assert_array_equal(decode_photograph(data, "a"), picture())


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def test_palette() -> None:
    flat = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    flat[:, 50:] = (10, 200, 30)
    read = decode_photograph(saved(Image.fromarray(flat).quantize(4), "PNG"), "a")
    np.testing.assert_array_equal(read, flat)


def test_first_page_of_several() -> None:
    pages = [Image.fromarray(picture()), Image.fromarray(255 - picture())]
    for kind in ("TIFF", "GIF"):
        data = saved(pages[0], kind, save_all=True, append_images=pages[1:])
        read = decode_photograph(data, "a")
        assert np.abs(read.astype(int) - picture()).mean() < 20


def test_transparency_becomes_white() -> None:
    rgba = np.dstack([picture(), np.full((HEIGHT, WIDTH), 255, np.uint8)])
    rgba[40:, :, 3] = 0
    for image in (Image.fromarray(rgba), Image.fromarray(rgba).convert("LA")):
        read = decode_photograph(saved(image, "PNG"), "a")
        assert (read[40:] == 255).all()
        assert not (read[:40] == 255).all()


@pytest.mark.parametrize("orientation", [1, 6])
def test_what_is_transparent_is_told(tmp_path: Path, orientation: int) -> None:
    rgba = np.dstack([picture(), np.full((HEIGHT, WIDTH), 255, np.uint8)])
    rgba[:, :30, 3] = 0
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray(rgba).save(tmp_path / "a.png", exif=exif)
    pixels, shown = read_with_transparency(tmp_path / "a.png")
    assert shown is not None
    assert shown.shape == pixels.shape[:2]
    expected = rgba[:, :, 3] > 0
    np.testing.assert_array_equal(shown, expected if orientation == 1 else np.rot90(expected, -1))
    Image.fromarray(picture()).save(tmp_path / "b.png")
    assert read_with_transparency(tmp_path / "b.png")[1] is None


def test_transparent_palette_entry_becomes_white() -> None:
    image = Image.new("P", (WIDTH, HEIGHT), 1)
    image.putpalette([0, 0, 0, 200, 10, 10])
    assert (decode_photograph(saved(image, "PNG", transparency=1), "a") == 255).all()


def test_cmyk_jpeg_becomes_rgb() -> None:
    data = saved(Image.fromarray(picture()).convert("CMYK"), "JPEG", quality=100, subsampling=0)
    assert np.abs(decode_photograph(data, "a").astype(int) - picture()).max() < 12


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_exif_rotation_is_carried_out(orientation: int, kind: str) -> None:
    """However the sensor's rows were stored, the blue corner comes out at the top left."""
    back = {
        1: None,
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }[orientation]
    upright = Image.fromarray(picture())
    stored = upright.transpose(back) if back is not None else upright
    exif = Image.Exif()
    exif[0x0112] = orientation
    options = {"quality": 100, "subsampling": 0} if kind == "JPEG" else {}
    read = decode_photograph(saved(stored, kind, exif=exif, **options), "a")
    assert read.shape == (HEIGHT, WIDTH, 3)
    assert np.abs(read.astype(int) - picture()).mean() < 3


def test_sixteen_bit_grey_is_rotated_too() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    deep = (picture()[:, :, 0].astype(np.uint16)) * 257
    assert decode_photograph(saved(Image.fromarray(deep), "PNG", exif=exif), "a").shape == (WIDTH, HEIGHT, 3)


@pytest.mark.parametrize("share", [0.02, 0.3, 0.7, 0.98])
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "BMP"])
def test_truncated_file_is_refused(kind: str, share: float) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (HEIGHT, WIDTH, 3), np.uint8)
    data = saved(Image.fromarray(noise), kind)
    assert "damaged or cut short" in (sentence := refusal(data[: int(len(data) * share)])) or "not an image" in sentence


@pytest.mark.parametrize(
    "data", [b"", b"no image at all\n" * 50, b"\xff\xd8\xff", b"%!PS-Adobe-3.0 EPSF-3.0\n", b"GIF89a"]
)
def test_what_is_no_image_is_refused(data: bytes) -> None:
    sentence = refusal(data)
    assert "not an image" in sentence or "damaged" in sentence


@pytest.mark.parametrize("size", [(1, 1), (63, 500), (500, 63)])
def test_too_small_is_refused(size: tuple[int, int]) -> None:
    assert f"only {size[0]}x{size[1]} px" in refusal(saved(Image.new("RGB", size), "PNG"))


@pytest.mark.parametrize("size", [(20_000, 10_000), (12_000, 10_001), (60_000, 60_000), (2**31 - 1, 2**31 - 1)])
def test_too_large_is_refused_before_decoding(size: tuple[int, int]) -> None:
    """The header alone says so: there is no pixel in this file."""
    header = struct.pack(">IIBBBBB", *size, 8, 2, 0, 0, 0)
    data = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")
    assert "more than 120 megapixels" in refusal(data)


def test_floating_point_samples_are_refused() -> None:
    assert "floating-point" in refusal(saved(Image.fromarray(np.zeros((80, 80), np.float32)), "TIFF"))


@given(
    data=st.binary(max_size=400),
    kind=st.sampled_from(["JPEG", "PNG", "TIFF", "BMP", "GIF", "PPM", "WEBP"]),
    at=st.integers(0, 2000),
)
def test_damage_anywhere_is_an_image_error_or_an_image(data: bytes, kind: str, at: int) -> None:
    whole = bytearray(saved(Image.fromarray(picture()), kind))
    at %= len(whole)
    whole[at : at + len(data)] = data
    outcome = decoded_or_refused(bytes(whole))
    if isinstance(outcome, ImageError):
        assert "\n" not in outcome.operator
    else:
        assert outcome.dtype == np.uint8
        assert outcome.shape[2] == 3


def decoded_or_refused(data: bytes) -> NDArray[np.uint8] | ImageError:
    try:
        return decode_photograph(data, "a")
    except ImageError as error:
        return error


def test_file_that_cannot_be_opened_is_named(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match=r"gone\.jpg cannot be read \(No such file"):
        read_photograph(tmp_path / "gone.jpg")
    with pytest.raises(ImageError, match="cannot be read"):
        read_photograph(tmp_path)


def test_text_named_jpg_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.jpg").write_text("Shaved on Monday.\n")
    with pytest.raises(ImageError, match=r"notes\.jpg is not an image"):
        read_photograph(tmp_path / "notes.jpg")


@given(
    pixels=hnp.arrays(
        np.uint8, st.tuples(st.integers(64, 90), st.integers(64, 90), st.just(3)), fill=st.integers(0, 255)
    )
)
def test_png_round_trip_is_exact(pixels: NDArray[np.uint8]) -> None:
    np.testing.assert_array_equal(decode_photograph(encode_png(pixels), "a"), pixels)


@given(quality=st.integers(90, 100), shift=st.integers(0, 255))
def test_jpeg_round_trip_stays_close_in_full_colour(quality: int, shift: int) -> None:
    pixels = np.roll(picture(), shift, axis=1)
    data = encode_jpeg(pixels, quality)
    with Image.open(io.BytesIO(data)) as image:
        assert [layer[1:3] for layer in image.layer] == [(1, 1)] * 3
    assert np.abs(decode_photograph(data, "a").astype(int) - pixels).mean() < 3


def test_written_file_is_whole_and_alone(tmp_path: Path) -> None:
    target = tmp_path / "a.png"
    write_durably(target, b"first")
    write_durably(target, b"second")
    assert target.read_bytes() == b"second"
    assert [path.name for path in tmp_path.iterdir()] == ["a.png"]
    assert stat.S_IMODE(target.stat().st_mode) & 0o600 == 0o600


def test_symbolic_link_keeps_pointing(tmp_path: Path) -> None:
    (tmp_path / "real.png").write_bytes(b"old")
    (tmp_path / "link.png").symlink_to("real.png")
    write_durably(tmp_path / "link.png", b"new")
    assert (tmp_path / "link.png").is_symlink()
    assert (tmp_path / "real.png").read_bytes() == b"new"


@pytest.mark.parametrize("write", [lambda path: write_durably(path, b"x"), check_writable], ids=["write", "check"])
def test_folder_that_is_missing_is_said(tmp_path: Path, write: object) -> None:
    assert callable(write)
    with pytest.raises(StorageError, match=r"gone.*a\.png cannot be written"):
        write(tmp_path / "gone" / "a.png")


@pytest.mark.parametrize("write", [lambda path: write_durably(path, b"x"), check_writable], ids=["write", "check"])
def test_devices_and_folders_are_never_replaced(tmp_path: Path, write: object) -> None:
    assert callable(write)
    fifo = tmp_path / "pipe"
    os.mkfifo(fifo)
    for target in (Path("/dev/null"), tmp_path, fifo):
        with pytest.raises(StorageError, match="it is not a file"):
            write(target)
    assert Path("/dev/null").is_char_device()
    assert fifo.is_fifo()


def test_full_disk_leaves_the_older_file_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "a.jsonl"
    target.write_bytes(b"old")

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(StorageError, match="No space left on device"):
        write_durably(target, b"new")
    assert target.read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["a.jsonl"]


def test_check_leaves_nothing(tmp_path: Path) -> None:
    check_writable(tmp_path / "a.png", 1000)
    assert list(tmp_path.iterdir()) == []


def test_room_for_the_stated_size_is_checked(tmp_path: Path) -> None:
    check_writable(tmp_path / "a.png", shutil.disk_usage(tmp_path).free // 1000)
    with pytest.raises(StorageError, match=r"No space left on device|File too large"):
        check_writable(tmp_path / "a.png", 2**55)
    assert list(tmp_path.iterdir()) == []


def test_folder_gives_its_photographs_by_name(tmp_path: Path) -> None:
    for name in ("b.JPG", "a.png", "c.tiff", "notes.txt", "labels.json", ".hidden.jpg"):
        (tmp_path / name).write_bytes(b"")
    (tmp_path / "sub.jpg").mkdir()
    assert [path.name for path in photographs_in(tmp_path)] == ["a.png", "b.JPG", "c.tiff"]


def test_folder_without_photographs_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("x")
    with pytest.raises(ImageError, match="holds no photographs"):
        photographs_in(tmp_path)
    with pytest.raises(ImageError, match="cannot be read"):
        photographs_in(tmp_path / "notes.txt")


@pytest.mark.parametrize("value", [15, 181.4, 500])
def test_scale_in_range_is_taken(value: float) -> None:
    assert checked_px_per_mm(value) == value


@pytest.mark.parametrize("value", [14.99, 500.01, 0, -45, float("nan"), float("inf")])
def test_scale_out_of_range_is_refused(value: float) -> None:
    with pytest.raises(UsageError, match="15 to 500 px/mm") as caught:
        checked_px_per_mm(value)
    assert caught.value.exit_code == 2
