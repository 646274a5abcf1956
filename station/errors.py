"""One error tree. Every error has a code, a sentence for the person in front of the station and one for the operator.

Each class also inherits the builtin that a caller would expect to catch. The command line prints `operator` and
leaves with `exit_code`: 2 for wrong use, 1 for failure. Pages and the API show `code` and `person`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import ClassVar


class StationError(Exception):
    """Base of everything the station raises on purpose."""

    code: ClassVar[str] = "station"
    exit_code: ClassVar[int] = 1
    http_status: ClassVar[int] = 500

    def __init__(self, operator: str, *, person: str | None = None) -> None:
        super().__init__(operator)
        self.operator = operator
        self.person = person or "Something went wrong. Nothing was lost. Please ask a member of staff."

    def told(self, language: str) -> str:
        """The person's sentence in a language, for errors that know it in more than English."""
        return self.person


class UsageError(StationError, ValueError):
    """A command or request was used wrongly: an option is missing or out of range."""

    code = "usage"
    exit_code = 2
    http_status = 400


class SettingsError(UsageError):
    """A settings file holds an unknown key or a value out of range."""

    code = "settings"


class RefusedEntryError(UsageError):
    """Something that was entered cannot be taken: nothing was stored.

    fields: for each field at fault, a sentence that says what is wrong and what to do; odd: those of them that are
    only unlikely, and pass once they are confirmed.
    """

    code = "entry-refused"

    def __init__(self, fields: Mapping[str, str], odd: Iterable[str] = ()) -> None:
        self.fields = dict(fields)
        self.odd = frozenset(odd)
        joined = " ".join(f"{name}: {sentence}" for name, sentence in self.fields.items())
        super().__init__(joined, person=" ".join(self.fields.values()))


class NotFoundError(StationError, LookupError):
    """A record that was asked for does not exist."""

    code = "not-found"
    http_status = 404


class ImageError(StationError, ValueError):
    """A photograph cannot be read or used."""

    code = "image"
    http_status = 400


class UncountableError(ImageError):
    """A photograph can be read, but its hairs cannot be counted: no number is given."""

    code = "uncountable"


class ModelError(StationError, RuntimeError):
    """The density model is missing, corrupt, of the wrong shape, or gives other counts than its golden vectors."""

    code = "model"


class StorageError(StationError, OSError):
    """The data folder cannot be written: read-only, full, or not a folder."""

    code = "storage"


class RecordError(StationError, RuntimeError):
    """The database cannot be opened or is damaged."""

    code = "record"


class EntryError(RecordError):
    """An entry contradicts the record; everything else can still be stored."""


class CameraError(StationError, RuntimeError):
    """The camera cannot take a picture."""

    code = "camera"


class CameraMissingError(CameraError):
    """No camera is connected."""

    code = "camera-missing"


class CameraBusyError(CameraError):
    """Another program holds the camera."""

    code = "camera-busy"


class CameraStoppedError(CameraError):
    """The camera delivers no more frames."""

    code = "camera-stopped"


class ControlsNotConfirmedError(CameraError):
    """The camera's metadata never showed the requested controls."""

    code = "controls-not-confirmed"
