"""Words for patrols on the map, in lists and on a page."""

from __future__ import annotations

from maps.words import N_

KINDS = {
    "foot": N_("on foot"),
    "car": N_("by car"),
    "bike": N_("by bicycle"),
    "horse": N_("on horseback"),
    "motorbike": N_("by motorcycle"),
}

DOSES = (
    N_("hardly ever"),
    N_("about a quarter of the time"),
    N_("about half of the time"),
    N_("about three quarters of the time"),
    N_("nearly all of the time"),
)
"""How far patrols are felt, by quarters."""

SCRIPT = {
    "patrolGap": N_("Patrol gap: {word}"),
    "patrolFelt": N_("Patrols are felt {share}"),
    "patrolDays": N_("Days since the last recorded visit: {days}"),
    "patrolNever": N_("No visit was ever recorded here"),
    "patrolNone": N_("No patrol visit is recorded: there is no patrol gap to show."),
    **{f"patrolDose{quarters}": word for quarters, word in enumerate(DOSES)},
}
"""Messages that the page's script shows where the layer of patrols is on."""

LEGEND = {
    "patrol-2": N_("above average hazard, patrols hardly felt"),
    "patrol-5": N_("very high hazard, patrols hardly felt: the denser, the greater the gap"),
    "patrol-never": N_("dashed edge: no visit was ever recorded"),
}
"""What the signs of the layer mean."""
