"""The model card in Markdown, from the numbers of a training run. The station's About page shows it."""

from __future__ import annotations

from typing import Any

STYLES = {
    "all": "all together",
    "rig": "reference rig, hair clipped to 0.6 to 1.2 mm, all skin tones",
    "microscope": "hand-held microscope, shaved dark hair",
    "varied": "0.4 to 4 mm long, all colours and curls, grey included",
}


def card_text(card: dict[str, Any]) -> str:
    """The whole card."""
    training, holdout = card["training"], card["holdout"]
    rows = "\n".join(
        f"| {STYLES.get(style, style)} | {part['views']} | {_cell(part['fu'])} | {_cell(part['hairs'])} |"
        for style, part in holdout.items()
        if style in STYLES
    )
    covered = holdout["interval_coverage_percent"]
    fields = "\n".join(
        f"| {name} | {part['photographs']} | {_cell(part['fu'])} | {_cell(part['hairs'])} |"
        for name, part in holdout["fields"].items()
    )
    intervals = "\n".join(
        f"| {name} | {covered['fu'][name]:g} % | {covered['hairs'][name]:g} % |" for name in covered["fu"]
    )
    return f"""# Model card: {card["name"]} {card["version"]}

**What it does.** From a close-up photograph of scalp at {card["working_px_per_mm"]:g} pixels per mm it draws two heat
maps: one of follicular units, one of the points where hair shafts leave the skin. The points are the maps' peaks;
follicular units are clusters of hair roots at most 0.30 mm apart.

**What it was trained on.** {training["views"]} views of the simulated scalp (`station/world`), and nothing else: no
photograph of a person. {training["steps"]} steps, seed {training["seed"]}{_note(training)}. The network runs in eight
bits.

**For whom it was tested.** On rendered views that it had never seen:

| views | number | follicular units: error, bias | hairs: error, bias |
|---|---|---|---|
{rows}

Error is the mean absolute error of the count per view of 7 x 7 mm, in per cent. Points found: F1
{holdout["all"]["fu"]["f1"]:g} for follicular units (within 0.25 mm), {holdout["all"]["hairs"]["f1"]:g} for hairs
(within 0.11 mm). Whole photographs of simulated persons, by the station's own path:

| field | photographs | follicular units: error, bias | hairs: error, bias |
|---|---|---|---|
{fields}

The stated 90 % intervals covered the truth of views that they were not calibrated on in this share:

| views | follicular units | hairs |
|---|---|---|
{intervals}

Figures on real photographs are in `docs/accuracy.md`.

**For whom it was not tested.** Real scalp with hair that is light, grey, curly, wet or longer than about a
millimetre; real skin other than light to olive; children; scalp disease, scars, tattoos and hair systems. For these
the numbers and their intervals may be wrong. Thin hairs of little contrast (vellus) are not counted.

**What it is not.** It counts hairs on a photograph. It does not diagnose.

SHA-256 of the graph: `{card["sha256"]}`
"""


def _note(training: dict[str, Any]) -> str:
    return f"; {training['note']}" if "note" in training else ""


def _cell(part: dict[str, float]) -> str:
    return f"{part['error_percent']:.1f} %, {part['bias_percent']:+.1f} %"
