"""The model card in Markdown, from the numbers of a training run. The station's About page shows it."""

from __future__ import annotations

from typing import Any

STYLES = {
    "all": "all together",
    "microscope": "hand-held microscope, shaved dark hair",
    "rig": "reference rig, hair clipped to 0.6 to 1.2 mm",
    "trimmed": "0.2 to 1.2 mm long, all colours and curls",
    "short": "1.2 to 4 mm long, likewise",
    "mid": "4 to 15 mm long, likewise",
    "long": "above 15 mm, likewise, mostly with a parting",
}


def card_text(card: dict[str, Any]) -> str:
    """The whole card."""
    holdout = card["holdout"]
    scores = holdout["views"]["all"]
    return f"""# Model card: {card["name"]} {card["version"]}

**What it does.** From a close-up photograph of scalp at {card["working_px_per_mm"]:g} pixels per mm it draws two heat
maps: one of follicular units, one of the points where hair shafts leave the skin. The points are the maps' peaks;
follicular units are clusters of hair roots at most 0.30 mm apart. Densities come from the points, not from an integral
over the maps: the points can be followed from visit to visit, and where roots touch the maps' integral counts shares
of hairs that no reader could point at.

**What it was trained on.** {_trained(card["training"])} The network runs in eight bits.

**For whom it was tested.** On rendered views of 7 x 7 mm that it had never seen, by the station's own path:

{_scores("views", holdout["views"], STYLES)}

Error is the mean absolute error of the count per view; refused are views in which the station finds nothing
to count or no scalp of the stated scale. Those that it refuses because too many roots are uncertain, up to one in
five of 1.2 mm and longer, are in the errors: it does better than this table.

Points found: F1 {scores["fu"]["f1"]:g} for follicular units (within 0.25 mm), {scores["hairs"]["f1"]:g} for
hairs (within 0.11 mm). By skin tone (1 very light to 6 dark) and by hair colour, clipped hair and long:

{_scores("skin tone", holdout["tones"])}

{_scores("hair colour", holdout["colours"])}

Whole photographs of simulated persons:

{_scores("field", holdout["fields"])}
{_labelled(holdout.get("labelled"))}
The stated 90 % intervals covered the truth of views that they were not calibrated on in this share:

| photographs | number | follicular units | hairs |
|---|---|---|---|
{_rows(holdout["coverage"], lambda part: f"{part['views']} | {part['fu']:.1f} % | {part['hairs']:.1f} %")}

Figures on photographs of people are in `docs/accuracy.md`.

**For whom it was not tested.** On photographs of people: hair that is light, grey, curly, wet or longer than about a
millimetre; skin other than light to olive; children; scalp disease, scars, tattoos and hair systems. For these the
numbers and their intervals may be wrong. Hairs of little contrast (vellus) are not counted.

**What it is not.** It counts hairs on a photograph. It does not diagnose.

SHA-256 of the graph: `{card["sha256"]}`
"""


def _trained(training: dict[str, Any]) -> str:
    frames = training["labelled_frames"]
    views = f"{training['views']} views of the simulated scalp (`station/world`)"
    run = f"{training['steps']} steps, seed {training['seed']}"
    note = f" {training['note']}" if training.get("note") else ""
    if frames:
        return (
            f"The weights of `density-synthetic`, adapted on {frames} labelled photographs together with {views}: "
            f"{run}.{note}"
        )
    return f"{views}, and nothing else: no photograph of a person. {run}.{note}"


def _labelled(part: dict[str, Any] | None) -> str:
    if part is None:
        return ""
    return f"""
On {part["frames"]} labelled photographs that were held out to choose the threshold and the intervals by: follicular
units {_cell(part["fu"])}, F1 {part["fu"]["f1"]:g}; hairs {_cell(part["hairs"])}, F1 {part["hairs"]["f1"]:g}.
"""


def _scores(what: str, parts: dict[str, Any], names: dict[str, str] | None = None) -> str:
    def row(part: dict[str, Any]) -> str:
        refused = f"{part['refused_percent']:.0f} %"
        return f"{part['views']} | {refused} | {_cell(part['fu'])} | {_cell(part['hairs'])}"

    ordered = {names[key]: parts[key] for key in names if key in parts} if names else parts
    head = (
        f"| {what} | number | refused | follicular units: error, bias | hairs: error, bias |\n|---|---|---|---|---|\n"
    )
    return head + _rows(ordered, row)


def _rows(parts: dict[str, Any], row: Any) -> str:
    return "\n".join(f"| {name} | {row(part)} |" for name, part in parts.items())


def _cell(part: dict[str, float]) -> str:
    return f"{part['error_percent']:.1f} %, {part['bias_percent']:+.1f} %"
