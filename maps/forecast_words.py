"""Words of the page that says whether the forecast held: verdicts, methods, measures."""

from __future__ import annotations

from maps.words import N_

LOST = "do_not_use"

VERDICTS = {
    "use": N_("The forecast can be used"),
    "do_not_use": N_("Do not use this forecast"),
    "too_few": N_("Too few offences to tell"),
}

SHORT_VERDICTS = {
    "use": N_("can be used"),
    "do_not_use": N_("do not use"),
    "too_few": N_("too few to tell"),
}

ADVICE = {
    "use": N_("It told more exactly than every simple map where offences would be recorded."),
    "do_not_use": N_(
        "Until the next check, choose places by the records of the last years and by what is known"
        " on the spot, not by this map."
    ),
    "too_few": N_(
        "Nothing speaks for this forecast or against it yet. Read the map as a summary of the"
        " records, not as a forecast."
    ),
}

REASONS = {
    "gain_lower": N_(
        "A simple map told more exactly where offences would be recorded: {baseline}."
    ),
    "hit5_lower": N_("Clearly more offences fell into the first 5 % of a simple map than of ours."),
    "few_events": N_("At least {count} offences are needed in the tested time."),
}

METHODS = {
    "safe_region": N_("This map"),
    "count_365": N_("Count of the last year"),
    "count_all": N_("Count of all years"),
    "kde_200_365": N_("Heat map of the last year, {metres}"),
    "kde_400_365": N_("Heat map of the last year, {metres}"),
    "kde_200_all": N_("Heat map of all years, {metres}"),
    "kde_400_all": N_("Heat map of all years, {metres}"),
    "kde_800_all": N_("Heat map of all years, {metres}"),
    "promap": N_("Heat map that favours the last weeks"),
    "steb": N_("Our rate, each kind of offence by itself"),
}

RADII_M = {
    "kde_200_365": 200,
    "kde_400_365": 400,
    "kde_200_all": 200,
    "kde_400_all": 400,
    "kde_800_all": 800,
}

HOW_TESTED = (
    N_(
        "For each of these quarters the map was made anew, from what had been recorded before the"
        " quarter began and from nothing later."
    ),
    N_(
        "Then it was counted how many of the quarter’s offences fell into the 1, 5 and 10 % of the"
        " {size} that it had put first."
    ),
    N_(
        "The same was done with simple maps, such as counts and heat maps; the best of them stands"
        " beside ours."
    ),
)

SIZES = {"area": N_("area"), "street_length": N_("street length")}
