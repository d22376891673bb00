"""What a file about schools names that is not known here: told in its report, not refused.

Schools and the map may come later than the file, so its rows are taken all the same.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from data.importers.attendance import ASSIGNMENTS, CATCHMENT_TEXTS, CATCHMENTS
from data.importers.places.address_places import Places
from data.importers.places.address_text import HOUSE, read_address
from data.importers.places.house_lists import read_house_list
from data.importers.places.known_places import KnownPlaces
from data.importers.report import Imported
from data.known_schools import known_schools
from data.school_names import SchoolNames

SCHOOL_FORMS = (CATCHMENTS, CATCHMENT_TEXTS, ASSIGNMENTS)
LISTED = 20


def with_lookups(imported: Imported, places: KnownPlaces, register: pd.DataFrame) -> Imported:
    """Return the file with warnings for its schools, streets and addresses that are not known.

    Parameters
    ----------
    register
        The registered schools; those of the map are added.
    """
    rows = pd.concat([*imported.blocks], ignore_index=True)
    schools = register
    if places.extract is not None:
        schools = known_schools(places.extract, register, places.area)
    names = SchoolNames.of(schools)
    warnings = list(imported.report.warnings)
    strange = [names.find(text) is None for text in rows["school"]]
    if any(strange):
        warnings.append(
            f"school_unknown: {_rows(rows[strange])} name schools that are not known here."
        )
    lost = rows[_lost(rows, places)]
    if len(lost):
        warnings.append(
            f"street_unknown: {_rows(lost)} name streets or addresses that the map has not."
        )
    return replace(imported, report=replace(imported.report, warnings=tuple(warnings)))


# -------------------------------------------------------------------------------------------


def _lost(rows: pd.DataFrame, places: KnownPlaces) -> npt.NDArray[np.bool_]:
    """Tell which rows name a street that the map has not; none do where nothing is to be found."""
    lost = np.zeros(len(rows), bool)
    column = next((name for name in ("streets", "address") if name in rows), None)
    gazetteer = None if column is None else places.gazetteer()
    if column is None or gazetteer is None:
        return lost
    streets = Places(gazetteer)

    def is_street(name: str) -> bool:
        return bool(streets.candidates(name))

    for row, text in enumerate(rows[column]):
        if not isinstance(text, str):
            continue
        if column == "streets":
            listing = read_house_list(text, is_street)
            found = not listing.unread and all(is_street(one.street) for one in listing.streets)
        else:
            readings = [one for one in read_address(text) if one.form == HOUSE]
            found = any(is_street(one.streets[0]) for one in readings)
        lost[row] = not found
    return lost


def _rows(rows: pd.DataFrame) -> str:
    numbers = rows["source_row"].tolist()
    more = f" and {len(numbers) - LISTED} more" if len(numbers) > LISTED else ""
    return f"rows {', '.join(map(str, numbers[:LISTED]))}{more}"
