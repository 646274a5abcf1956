"""The live view: pictures a second from the simulated camera, what each step costs, and how pages answer meanwhile.

python benchmarks/preview.py                 all of it in one run, with ratios
python benchmarks/preview.py --guide 20      heads off by 5 to 15 mm and up to 20 degrees, led back by the arrows
"""

from __future__ import annotations

import argparse
import datetime as dt
import math
import statistics
import threading
import time
import urllib.request
from collections.abc import Callable

import cv2
import numpy as np
from waitress.server import create_server

from station.capture.gate import judge
from station.capture.gate_features import look_at
from station.capture.gate_motion import movement, trackable
from station.capture.guidance import Direction, guidance
from station.capture.guidance_sight import live_constellation, sight
from station.clock import SimulatedClock
from station.density.engine import Engine
from station.density.model import load_model
from station.matching.register import register
from station.matching.transform import Transform
from station.rig.preview import Preview, preview_px_per_mm, preview_size
from station.rig.profile import RigProfile, load_profile
from station.rig.protocols import Rig
from station.rig.simulated import WorldCamera, WorldLight
from station.service.live import JPEG_QUALITY, Live
from station.service.live_place import Place, locator
from station.values import Lamp
from station.world import World, simulated_person
from station.world.optics import Optics
from tests.web.fixture_station import FixtureStation
from web import create_app

MOMENT = dt.datetime(2026, 1, 5, 9, tzinfo=dt.UTC)
STEADY_S = 60.0
REQUESTS = 60
LOOK_S = 8.0
STEPS = 4


class Scene:
    """A simulated head at a rig, with the view that it had first as the baseline."""

    def __init__(self, profile: RigProfile, seed: int) -> None:
        self.profile = profile
        optics = Optics(profile.width_px, profile.height_px, profile.px_per_mm)
        self.world = World(simulated_person("healthy", seed), optics, MOMENT.date())
        self.world.lamp = Lamp.CROSS
        self.world.place_head("vertex", MOMENT)
        self.baseline = self.look()
        self.world.hold_still()

    def look(self, elapsed_s: float = STEADY_S) -> Preview:
        pixels = self.world.live(elapsed_s, preview_size(self.profile))
        return Preview(pixels, preview_px_per_mm(self.profile), elapsed_s)

    def rig(self) -> Rig:
        camera = WorldCamera(self.world, self.profile, SimulatedClock(MOMENT))
        return Rig(self.profile, camera, WorldLight(self.world), camera.place)


def median_ms(step: Callable[[], object], times: int = 20) -> float:
    """Median processor time of a step on one core, whatever else the machine does."""
    took = []
    for _ in range(times):
        began = time.process_time()
        step()
        took.append(1000 * (time.process_time() - began))
    return statistics.median(took)


def steps(profile: RigProfile, engine: Engine) -> None:
    """What each part of a picture costs on one core."""
    scene = Scene(profile, 5)
    preview = scene.look()
    before, now = trackable(preview), trackable(scene.look(STEADY_S + 0.1))
    moved = movement(before, now)
    look = look_at(preview, moved, followed=True)
    base = live_constellation(preview, engine)
    same = Transform(np.eye(2, 3), (preview.size_mm[0] / 2, preview.size_mm[1] / 2))
    rows = {
        "the simulated camera": median_ms(scene.look),
        "made ready to be followed": median_ms(lambda: trackable(preview)),
        "movement since the picture before": median_ms(lambda: movement(before, now)),
        "facts of the picture": median_ms(lambda: look_at(preview, moved, followed=True)),
        "findings": median_ms(lambda: judge(look)),
        "JPEG": median_ms(lambda: cv2.imencode(".jpg", preview.pixels, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])),
    }
    gate = sum(rows[name] for name in list(rows)[1:5])
    print(f"\n{profile.id}: {preview.pixels.shape[1]} x {preview.pixels.shape[0]} px\n\n| step | CPU ms |\n|---|---|")
    for name, took in rows.items():
        print(f"| {name} | {took:.1f} |")
    print(f"| **the gate, all its steps** | **{gate:.1f}** |")
    print(f"| network, in a thread of its own | {median_ms(lambda: live_constellation(preview, engine), 3):.0f} |")
    print(f"| registration without knowing | {median_ms(lambda: register(base, base), 3):.0f} |")
    print(f"| registration from the last place | {median_ms(lambda: register(base, base, prior=same), 3):.0f} |")


def serving(profile: RigProfile, engine: Engine) -> None:
    """Pictures a second, and the time of a page without and with the live view, the place being looked for too."""
    scene = Scene(profile, 5)
    rig = scene.rig()
    live = Live(lambda: rig, locator(lambda: engine), lamp_limit_s=600)
    station = FixtureStation()
    station.live_view = live
    server = create_server(create_app(station), host="127.0.0.1", port=0, threads=8)
    threading.Thread(target=server.run, daemon=True).start()
    page = f"http://127.0.0.1:{server.effective_port}/about"
    ask(page, 5)
    alone = ask(page)
    live.aim(Place(live_constellation(scene.baseline, engine), b""))
    ended = threading.Event()
    got: list[float] = []
    client = threading.Thread(target=receive, args=(page.replace("/about", "/live/stream"), got, ended))
    client.start()
    time.sleep(2)
    began, before = time.monotonic(), len(got)
    meanwhile = ask(page)
    time.sleep(max(0.0, LOOK_S - (time.monotonic() - began)))
    rate = (len(got) - before) / (time.monotonic() - began)
    state = live.state()
    ended.set()
    client.join()
    live.close()
    server.close()
    print(f"\n{profile.id}: served, place known: {state.guidance is not None}\n\n| what | figure |\n|---|---|")
    print(f"| pictures a second at a client | {rate:.1f} |")
    print(f"| a page without the live view, median and 95 % | {show(alone)} |")
    print(f"| a page with it | {show(meanwhile)} |")
    print(f"| ratio of the medians | {statistics.median(meanwhile) / statistics.median(alone):.1f} |")


def show(took: list[float]) -> str:
    return f"{statistics.median(took):.0f} and {np.percentile(took, 95):.0f} ms"


def ask(page: str, times: int = REQUESTS) -> list[float]:
    """Times of a page in ms."""
    took = []
    for _ in range(times):
        began = time.perf_counter()
        with urllib.request.urlopen(page, timeout=30) as answer:
            answer.read()
        took.append(1000 * (time.perf_counter() - began))
        time.sleep(0.02)
    return took


def receive(stream: str, got: list[float], ended: threading.Event) -> None:
    """Counts pictures until it is told to leave."""
    with urllib.request.urlopen(stream, timeout=30) as answer:
        rest = b""
        while not ended.is_set():
            rest += answer.read1(262_144)
            parts = rest.split(b"\r\n--picture\r\n")
            got.extend([time.monotonic()] * (len(parts) - 1))
            rest = parts[-1]


def guide(profile: RigProfile, engine: Engine, heads: int) -> None:
    """Overlap after each step of following the arrows, each step a fifth too long or too short."""
    print("\n| head | overlap at first | after each step | accepted |\n|---|---|---|---|")
    reached = 0
    for seed in range(100, 100 + heads):
        rng = np.random.default_rng(seed)
        scene = Scene(profile, seed)
        base = live_constellation(scene.baseline, engine)
        angle, far = rng.uniform(0, 2 * math.pi), rng.uniform(5, 15)
        scene.world.move_by(far * math.cos(angle), far * math.sin(angle), float(rng.uniform(-20, 20)))
        overlaps, accepted = [], True
        for _step in range(STEPS + 1):
            seen = sight(scene.look(), engine, base)
            accepted = accepted and seen.accepted
            overlaps.append(seen.overlap)
            way = guidance(seen)
            if not seen.accepted or way.reached:
                break
            for arrow in way.arrows:
                amount = arrow.amount * float(rng.uniform(0.8, 1.2))
                right = {Direction.RIGHT: amount, Direction.LEFT: -amount}.get(arrow.direction, 0.0)
                down = {Direction.DOWN: amount, Direction.UP: -amount}.get(arrow.direction, 0.0)
                turn = {Direction.CLOCKWISE: amount, Direction.ANTICLOCKWISE: -amount}.get(arrow.direction, 0.0)
                scene.world.move_by(right, down, turn)
        reached += accepted and overlaps[-1] >= 0.9
        later = ", ".join(f"{each:.0%}" for each in overlaps[1:])
        print(f"| {seed} | {overlaps[0]:.0%} | {later} | {'yes' if accepted else 'no'} |", flush=True)
    print(f"\n{reached} of {heads} reached 90 %.")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--guide", type=int, default=0, metavar="HEADS", help="lead so many heads back instead")
    parser.add_argument("--rig", default="reference", help="rig profile")
    options = parser.parse_args()
    profile = load_profile(options.rig)
    if options.guide:
        guide(profile, Engine(load_model("density"), threads=2), options.guide)
        return
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)
    steps(profile, Engine(load_model("density"), threads=1))
    cv2.setNumThreads(threads)
    serving(profile, Engine(load_model("density"), threads=1))


if __name__ == "__main__":
    main()
