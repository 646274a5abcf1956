"""The rig that the settings ask for."""

from __future__ import annotations

import dataclasses
import datetime as dt
from pathlib import Path

from station.clock import Clock
from station.errors import SettingsError
from station.imaging import MAX_PX_PER_MM, MIN_PX_PER_MM
from station.rig.gpio_light import GpioLight
from station.rig.picamera2_camera import Picamera2Camera
from station.rig.profile import RigProfile, load_profile
from station.rig.protocols import Rig
from station.rig.replay import NoLight, replay_rig
from station.rig.simulated import simulated_rig
from station.settings import Settings
from station.values import Lamp


def rig_profile(settings: Settings) -> RigProfile:
    """The profile that the settings name; a stated scale of replayed photographs takes its scale's place."""
    profile = load_profile(settings.rig_profile)
    stated = settings.replay_px_per_mm
    if settings.camera_driver != "replay" or stated == 0:
        return profile
    if not MIN_PX_PER_MM <= stated <= MAX_PX_PER_MM:
        allowed = f"{MIN_PX_PER_MM:g} to {MAX_PX_PER_MM:g} px/mm"
        raise SettingsError(f"replay.px_per_mm: {stated:g} is out of range; allowed is {allowed}.")
    return dataclasses.replace(profile, px_per_mm=stated)


def open_rig(settings: Settings, clock: Clock, *, simulation_start: dt.date | None = None) -> Rig:
    """Camera and light for these settings. The Pi's camera itself is opened by its first exposure.

    simulation_start: the day on which the simulated person's course begins; today by default. Raises SettingsError,
    ImageError (replay folder) or CameraError (light).
    """
    profile = rig_profile(settings)
    if settings.camera_driver == "simulated":
        start = simulation_start or clock.now().local_date
        return simulated_rig(profile, clock, settings.demo_scenario, settings.demo_seed, start)
    if settings.camera_driver == "replay":
        if not settings.replay_folder:
            raise SettingsError("replay.folder: the replay camera needs a folder of photographs; none is named.")
        return replay_rig(Path(settings.replay_folder).expanduser(), profile, clock, cycle=settings.replay_cycle)
    camera = Picamera2Camera(profile, clock, settings.camera_timeout_s)
    if profile.light is None:
        return Rig(profile, camera, NoLight(), _stay, Lamp.EXTERNAL)
    return Rig(profile, camera, GpioLight(profile.light), _stay)


def _stay(site: str, moment: dt.datetime, placement: int) -> None:
    """At a real rig the person moves."""
