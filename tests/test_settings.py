"""Settings: three layers, and every mistake refused with its place and reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from station import settings
from station.errors import SettingsError


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "station.toml"
    path.write_text(text)
    return path


def test_defaults_are_within_their_own_limits_and_described() -> None:
    found = settings.load(environment={})
    for setting in settings.all_settings():
        assert setting.sentence.endswith("."), setting.key
        assert setting.key.count(".") == 1
        value = getattr(found, setting.attribute)
        assert isinstance(value, setting.type), setting.key
        if setting.choices:
            assert value in setting.choices
        if setting.low is not None and setting.high is not None:
            assert setting.low <= value <= setting.high


def test_environment_wins_over_file_and_option_over_both(tmp_path: Path) -> None:
    file = write(tmp_path, "[server]\nport = 9000\nthreads = 2\n[image]\njpeg_quality = 90\n")
    found = settings.load(file, {"STATION_SERVER_PORT": "9001", "STATION_SERVER_THREADS": "3"}, server_port=9002)
    assert (found.server_port, found.server_threads, found.image_jpeg_quality) == (9002, 3, 90)


def test_file_named_by_the_environment(tmp_path: Path) -> None:
    file = write(tmp_path, "[replay]\ncycle = true\npx_per_mm = 181\n")
    found = settings.load(environment={"STATION_CONFIG": str(file)})
    assert found.replay_cycle is True
    assert found.replay_px_per_mm == 181.0
    assert isinstance(found.replay_px_per_mm, float)


def test_paths_are_expanded(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert settings.load(environment={}).data_folder == tmp_path / ".local/share/station/data"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[server]\nprot = 1\n", ("key server.prot", "no such setting")),
        ("port = 1\n", ("key port", "no such setting")),
        ("[server]\nport = 70000\n", ("key server.port", "70000", "0 to 65535")),
        ("[server]\nport = '80'\n", ("key server.port", "whole number")),
        ("[server]\nport = true\n", ("key server.port", "whole number")),
        ("[server]\nport = 80.5\n", ("key server.port", "whole number")),
        ("[camera]\ndriver = 'webcam'\n", ("key camera.driver", "webcam", "picamera2")),
        ("[camera]\ntimeout_s = nan\n", ("key camera.timeout_s", "nan", "out of range")),
        ("[data]\nfolder = ''\n", ("key data.folder", "path")),
        ("[server\n", ("not a valid TOML file",)),
    ],
)
def test_mistakes_in_the_file_are_refused_with_place_and_reason(
    tmp_path: Path, text: str, words: tuple[str, ...]
) -> None:
    file = write(tmp_path, text)
    with pytest.raises(SettingsError) as caught:
        settings.load(file, {})
    for word in (str(file), *words):
        assert word in str(caught.value)
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    ("name", "text", "word"),
    [
        ("STATION_SERVER_PROT", "1", "no such setting"),
        ("STATION_SERVER_PORT", "many", "whole number"),
        ("STATION_SERVER_PORT", "-1", "0 to 65535"),
        ("STATION_REPLAY_CYCLE", "perhaps", "true or false"),
        ("STATION_CAMERA_TIMEOUT_S", "inf", "out of range"),
    ],
)
def test_mistakes_in_the_environment_are_refused(name: str, text: str, word: str) -> None:
    with pytest.raises(SettingsError, match=word) as caught:
        settings.load(environment={name: text})
    assert name in str(caught.value)


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        settings.load(tmp_path / "none.toml", {})
    binary = tmp_path / "binary.toml"
    binary.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SettingsError, match="UTF-8"):
        settings.load(binary, {})
