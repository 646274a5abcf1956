"""The texts of the record's pages and forms, in English; see `web.text`."""

from __future__ import annotations

from web.text import Words


class RecordText:
    """labels: of a field, "kind.field"; hints: what helps to fill it in; choices: of a vocabulary, "vocabulary.id"."""

    title = Words("Health record")
    nav = Words("Record")
    lead = Words("What you, your clinic or a laboratory entered. Everything can be corrected, and its history is kept.")
    kinds = Words(
        {
            "lab": "Laboratory results",
            "regimen": "Supplements and treatments",
            "dose": "Doses given",
            "event": "Events",
            "shed": "Shed hair counts",
            "answers": "Questions and answers",
            "profile": "Profile",
            "hairline": "Hairline",
            "trichogram": "Trichograms",
            "skip": "Steps left out",
        }
    )
    add = Words("Add")
    add_to = Words("Add: {kind}")
    none = Words("Nothing is entered yet.")
    all_of = Words("Show all {count}")
    review = Words("Marked for review")
    review_note = Words(
        "This entry is shown as it was entered. It is not used in any comparison until it is corrected."
    )
    back = Words("Back to the record")

    new_title = Words("New entry: {kind}")
    edit_title = Words("Correct: {kind}")
    save = Words("Save")
    cancel = Words("Cancel")
    choose = Words("Please choose")
    not_answered = Words("not answered")
    another = Words("another one, typed beside")
    yes = Words("yes")
    no = Words("no")
    required = Words("needed")
    faults = Words("Nothing was saved yet. Please look at the marked fields.")
    failed = Words("This could not be saved. What you typed is still here: please try again, or ask a member of staff.")
    confirm = Words("I checked the marked values: they are right.")
    keep = Words("Keep it exactly as printed, marked for review.")
    by = Words("Entered by")
    by_hint = Words("Name or initials, for the history. May stay empty.")
    templates = Words("Fill in from a protocol")
    templates_note = Words(
        "As your doctor prescribed it: a protocol only fills in the form, and nothing here is a recommendation."
    )
    fields = Words("What was entered")
    correct = Words("Correct")
    history = Words("History")
    actions = Words({"added": "entered", "corrected": "corrected", "removed": "removed"})
    history_line = Words("{moment}: {action}")
    history_by = Words("{moment}: {action} by {by}")
    before = Words("Before")
    after = Words("After")
    field = Words("Field")
    empty = Words("empty")
    remove = Words("Remove this entry")
    remove_note = Words(
        "For what should never have been entered. The entry goes for good, and so does what the history holds of it. "
        "To change something, correct it instead."
    )
    remove_button = Words("Remove for good")

    labels = Words(
        {
            "lab.analyte": "What was measured",
            "lab.text": "Result",
            "lab.unit": "Unit",
            "lab.drawn": "Day of the blood draw",
            "lab.reported": "Day of the report",
            "lab.reference": "Range of the laboratory",
            "lab.laboratory": "Laboratory",
            "lab.method": "Method",
            "lab.flags": "At the time of the blood draw",
            "lab.supersedes": "Corrects the earlier result",
            "lab.note": "Note",
            "regimen.kind": "What it is for",
            "regimen.substance": "Substance",
            "regimen.form": "Form or product",
            "regimen.dose": "Dose",
            "regimen.dose_unit": "Unit of the dose",
            "regimen.route": "How it is taken",
            "regimen.schedule": "How often",
            "regimen.start": "Start",
            "regimen.end": "End",
            "regimen.prescriber": "Prescribed by",
            "regimen.template": "Protocol",
            "regimen.note": "Note",
            "dose.given": "Day",
            "dose.substance": "Substance",
            "dose.dose": "Dose",
            "dose.dose_unit": "Unit of the dose",
            "dose.route": "How it was given",
            "dose.regimen": "Belongs to",
            "dose.note": "Note",
            "event.kind": "What happened",
            "event.happened": "Day",
            "event.note": "Note",
            "shed.method": "Method",
            "shed.counted": "Day",
            "shed.count": "Hairs counted, or the grade",
            "shed.short": "Of these, 3 cm or shorter",
            "shed.hours_since_wash": "Hours since the last wash",
            "shed.hair_length_cm": "Length of the hair (cm)",
            "shed.comb": "Comb",
            "shed.replicate": "Which count of that day",
            "shed.counted_by": "Counted by",
            "shed.note": "Note",
            "answers.answered": "Day of the answers",
            "answers.diet": "Diet",
            "answers.diet_since": "Diet since",
            "answers.metformin": "Metformin",
            "answers.metformin_dose": "Dose of metformin",
            "answers.metformin_since": "Metformin since",
            "answers.gastric_bypass": "Gastric bypass",
            "answers.gastric_bypass_type": "Type of gastric bypass",
            "answers.gastric_bypass_date": "Day of the gastric bypass",
            "answers.crohns": "Crohn's disease",
            "answers.coeliac": "Coeliac disease",
            "answers.alcohol_heavy": "Heavy drinking of alcohol",
            "answers.ppi": "Proton pump inhibitor (against stomach acid)",
            "answers.ppi_since": "Proton pump inhibitor since",
            "answers.nitrous_oxide": "Nitrous oxide (laughing gas)",
            "answers.pregnant": "Pregnancy",
            "answers.thinning": "Where the hair got thinner",
            "answers.onset": "How it began",
            "answers.hair_quality": "How the hair is",
            "answers.symptoms": "Symptoms",
            "answers.greying_share": "Grey hairs (per cent, estimated)",
            "answers.note": "Note",
            "profile.born": "Date of birth",
            "profile.sex": "Sex",
            "hairline.marked": "Day",
            "hairline.mid_mm": "Brow to hairline in the middle (mm)",
            "hairline.left_mm": "Recession of the left temple (mm)",
            "hairline.right_mm": "Recession of the right temple (mm)",
            "hairline.bridge": "Hair between front and vertex",
            "hairline.marked_by": "Marked by",
            "trichogram.made": "Day",
            "trichogram.anagen_percent": "Growing hairs, anagen (per cent)",
            "trichogram.telogen_percent": "Resting hairs, telogen (per cent)",
            "trichogram.note": "Note",
            "skip.step": "Step",
            "skip.skipped": "Day",
            "skip.reason": "Reason",
        }
    )
    hints = Words(
        {
            "lab.text": "Exactly as printed: 250, <150, > 2000 or below detection.",
            "lab.unit": "As printed beside the result. It is never guessed.",
            "lab.reference": "As printed, for example 180-914.",
            "lab.supersedes": "Only if the laboratory sent a corrected report.",
            "regimen.dose": "The amount taken at once, as written on the package.",
            "regimen.end": "Empty while it is still taken.",
            "regimen.prescriber": "For example a doctor's name, or: own choice.",
            "dose.route": "Single doses are logged for injections.",
            "shed.count": "For the visual grade: 1 to 6.",
            "shed.short": "Only if they were told apart.",
            "answers.alcohol_heavy": "You need not answer this.",
            "answers.nitrous_oxide": "You need not answer this.",
            "hairline.mid_mm": "From the point between the brows straight up.",
            "skip.reason": "Why this step is left out.",
        }
    )
    choices = Words(
        {
            "lab-flag.biotin": "biotin was taken",
            "lab-flag.injection-14d": "B12 injection within 14 days",
            "lab-flag.on-treatment": "on B12 treatment",
            "lab-flag.pregnancy": "pregnancy",
            "lab-flag.oral-contraceptive": "oral contraceptive",
            "lab-flag.fasting": "fasting",
            "lab-flag.acute-illness": "acute illness",
            "lab-flag.kidney-disease": "kidney disease",
            "lab-flag.liver-disease": "liver disease",
            "lab-flag.nitrous-oxide": "nitrous oxide (laughing gas)",
            "regimen-kind.b12": "Vitamin B12",
            "regimen-kind.b12-maintenance": "Vitamin B12, to keep the level",
            "regimen-kind.co-supplement": "Another supplement",
            "regimen-kind.other-treatment": "Another treatment",
            "route.oral": "by mouth",
            "route.sublingual": "under the tongue",
            "route.im": "injection into a muscle",
            "route.sc": "injection under the skin",
            "route.nasal": "into the nose",
            "route.diet": "with food",
            "route.topical": "on the skin",
            "injection.im": "injection into a muscle",
            "injection.sc": "injection under the skin",
            "event-kind.illness": "Illness",
            "event-kind.surgery": "Surgery",
            "event-kind.childbirth": "Childbirth",
            "event-kind.weight-loss": "Weight loss",
            "event-kind.stress": "Stress",
            "event-kind.haircut": "Haircut",
            "event-kind.dye": "Hair dye",
            "event-kind.other": "Something else",
            "shed-method.comb-60s": "Combing for 60 seconds",
            "shed-method.wash-24h": "Washing, 24 hours after the last wash",
            "shed-method.wash-5d": "Washing, 5 days after the last wash",
            "shed-method.daily": "All hairs of one day",
            "shed-method.grade": "Visual grade",
            "counted-by.hand": "hand",
            "counted-by.tray": "the station, on the tray",
            "diet.omnivore": "everything",
            "diet.vegetarian": "vegetarian",
            "diet.vegan": "vegan",
            "diet.other": "other",
            "thinning.none": "nowhere",
            "thinning.diffuse": "all over the head",
            "thinning.temples": "at the temples",
            "thinning.vertex": "at the vertex",
            "thinning.other": "elsewhere",
            "onset.weeks-months": "within weeks to months",
            "onset.years": "over years",
            "quality.thin": "thin",
            "quality.brittle": "brittle",
            "quality.greying": "turning grey",
            "quality.normal": "as it always was",
            "symptom.none": "none of these",
            "symptom.fatigue": "tiredness",
            "symptom.numbness": "numbness or tingling",
            "symptom.cognitive": "trouble with memory or thinking",
            "symptom.walking": "trouble walking",
            "symptom.vision": "changes of vision",
            "symptom.confusion": "confusion",
            "symptom.severe-fatigue": "severe fatigue",
            "sex.female": "female",
            "sex.male": "male",
            "bridge.solid": "dense",
            "bridge.sparse": "sparse",
            "bridge.none": "none",
            "step.baseline-lab": "Blood test before the start",
            "step.shed": "Count of shed hairs",
        }
    )


RECORD = RecordText()
