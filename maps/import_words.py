"""What an import says of rows and files, in words: one sentence for every code of a reader.

A test reads the readers' source and fails where a code has no sentence here.
`maps.import_texts` puts them in the reader's language.
"""

from __future__ import annotations

from maps.words import N_

ROW_REASONS = {
    "address_ambiguous": N_("The address suits several places; name the district or the house."),
    "address_unknown": N_(
        "The address was not found on the map; check the street and the house, or pin the row."
    ),
    "address_vague": N_("The address leads only to a street or a district; give the house."),
    "article_is_date": N_(
        "A spreadsheet turned the article into a day; write it as text, such as 188-1."
    ),
    "asset_missing": N_("The row names no number, no feeder and no street."),
    "broken_to_before_broken_from": N_("The repair is dated before the failure; check both days."),
    "cell_error": N_("The spreadsheet could not calculate the cell; write the value itself."),
    "commissioned_at_before_decided_at": N_(
        "It went into use before it was decided; check both days."
    ),
    "commissioned_at_before_started_at": N_(
        "It went into use before the works began; check both days."
    ),
    "conflicting_duplicate": N_(
        "Several rows bear the same number but differ; keep the right one."
    ),
    "coord_missing": N_("The row has no coordinates; give it a latitude and a longitude."),
    "coord_not_finite": N_(
        "The coordinate is infinite or not a number at all; take the value out."
    ),
    "coord_not_number": N_("The coordinate is not a number; write it in digits with one point."),
    "coord_out_of_range": N_("There is no such place on Earth; check the coordinate and its CRS."),
    "dimming_invalid": N_(
        "The hours in which the light is dimmed cannot be; write them as 01:00-05:00."
    ),
    "dwellings_missing": N_("The number of dwellings is missing."),
    "ends_before_start": N_(
        "The shift ends before it begins, and past midnight it would last more than 15 hours; "
        "check both times."
    ),
    "gates_invalid": N_("The gates are not written as 51.23,51.37;51.24,51.38."),
    "geometry_invalid": N_("The line or the shape is broken."),
    "geometry_not_point": N_("The shape is not a point; give each row one point."),
    "home_missing": N_("The row names no home, neither by its number nor by its address."),
    "jump": N_("The receiver jumped off its track; the fix is put aside."),
    "kind_missing": N_("The row does not say what was done."),
    "likely_swapped": N_(
        "The place lies on a street only if latitude and longitude change places; check their "
        "order."
    ),
    "lit_missing": N_("The row does not say whether the street is lit."),
    "map_missing": N_("Without a street map the street cannot be found; import the map first."),
    "minutes_missing": N_("The row does not say how many minutes the patrol stayed."),
    "no_fix": N_("The receiver had no position at this time."),
    "no_stay": N_("The unit was moving or at its base; this is no visit."),
    "not_number": N_("The cell should hold a number."),
    "number_out_of_range": N_("The number is smaller or larger than it can be."),
    "occurred_to_before_occurred_at": N_("The event ends before it begins; check both times."),
    "outside_days": N_("The day is none of those that the file is declared to cover."),
    "outside_region": N_("The place lies outside the study area; the row itself has no fault."),
    "people_missing": N_("The number of people is missing."),
    "pii_in_text": N_(
        "The text holds personal data; take it out. The value is kept and shown nowhere."
    ),
    "repeated_head": N_("The row repeats the heads of the columns and is no record."),
    "row_shape": N_(
        "The row has another number of cells than there are heads; quote cells that hold the "
        "delimiter."
    ),
    "school_missing": N_("The row names no school."),
    "shifts_invalid": N_("The shifts are not written as 08:00-13:00;14:00-19:00."),
    "state_contradicts": N_("Two columns contradict each other about the state."),
    "street_missing": N_("The row names no street."),
    "streets_missing": N_("The row lists no streets."),
    "text_unsafe": N_(
        "The text holds signs that no text needs, or is far too long; write it anew."
    ),
    "time_disagrees": N_("Two columns of the row give different times."),
    "time_in_future": N_(
        "The day lies in the future; check the year and the order of day and month."
    ),
    "time_invalid": N_(
        "There is no such day or time, or it is written in a way that is not known; write it as "
        "2025-04-03 20:30."
    ),
    "time_missing": N_("The row does not say when it happened; give it the day."),
    "time_repeated": N_("The receiver wrote this moment twice, at different places."),
    "time_unknown": N_("The time of day is not known."),
    "totals_row": N_("The row holds totals and is no record."),
    "weekdays_unknown": N_(
        "The days of the week are not understood; write them as Mon-Fri, weekends or 1,3,5."
    ),
    "word_unknown": N_("The word is in no list; say in the mapping under “values” what it means."),
}
"""Why a row was refused, by its code."""

REFUSALS = {
    "archive_unsafe": N_("The archive holds more or other things than it should."),
    "column_missing": N_("A column that is needed is missing; name it in the mapping."),
    "crs_mismatch": N_("The coordinates do not suit the declared CRS; check --crs."),
    "crs_unknown": N_("This CRS is not known; name one as EPSG:4326."),
    "csv_invalid": N_("The text is no table with heads and rows."),
    "database_open": N_(
        "The GeoPackage is still open in another programme; close it there and bring it again."
    ),
    "database_unsafe": N_("The database in the file does more than hold tables; export it again."),
    "date_order_ambiguous": N_("Day and month could stand either way; declare --date-order."),
    "date_order_invalid": N_("The order of a date is dmy, mdy or ymd."),
    "disk_full": N_("The disk is full; free some space and bring the file again."),
    "encoding_unknown": N_(
        "The encoding of the text is not known; declare --encoding or save as UTF-8."
    ),
    "file_damaged": N_("The file is damaged or cut off; export it again."),
    "file_empty": N_("The file is empty."),
    "file_not_found": N_("There is no such file."),
    "format_mismatch": N_("The file’s name promises another format than it holds; rename it."),
    "format_not_accepted": N_(
        "This format is not taken here; save the file in one of the accepted formats."
    ),
    "geometry_invalid": N_("The file holds no area: polygons are needed."),
    "header_duplicate": N_("Two columns have the same head; rename one."),
    "id_key_missing": N_(
        "Case numbers cannot be hidden, because the key of the workspace is missing."
    ),
    "json_invalid": N_("The JSON is broken; export the file again."),
    "kind_of_file_unknown": N_("The mapping’s kind_of_file is none that is known."),
    "layer_ambiguous": N_("The file has several layers; name one with --sheet."),
    "layer_incomplete": N_("The official layer did not give all of its rows; try again later."),
    "layer_unknown": N_("This address holds no layer of offences."),
    "layer_unreachable": N_("The official layer did not answer; try again later."),
    "likely_swapped": N_(
        "Latitude and longitude look swapped; swap the columns in the file or in the mapping."
    ),
    "mapping_ambiguous": N_("Several kept mappings fit this file; choose one."),
    "mapping_incomplete": N_("A mapping is kept by its source; name the source."),
    "mapping_invalid": N_("The mapping file has a fault; the message names its key or line."),
    "no_highway": N_("The map holds no street."),
    "no_rows": N_("The file has heads but no row."),
    "no_valid_rows": N_("No row can be used; nothing was stored."),
    "offence_unknown": N_(
        "No row’s offence is known; name the column of the article or the words under "
        "“offence_groups”."
    ),
    "parser_crashed": N_("The file could not be read; export it again."),
    "parser_memory": N_("Reading the file took too much memory; bring it in parts."),
    "parser_time": N_("Reading the file took too long; bring it in parts."),
    "parser_unavailable": N_(
        "Files cannot be read safely on this computer; ask its administrator."
    ),
    "personal_data": N_("A column holds personal data; take the column out of the file first."),
    "place_unknown": N_("No such place was found on the map."),
    "place_unreachable": N_("The map service did not answer; bring a file instead."),
    "renames_invalid": N_("The list of renamed streets cannot be used."),
    "sheet_not_accepted": N_("A sheet can be named for a workbook only."),
    "sheet_too_large": N_("A sheet reaches too far; delete stray cells or split it."),
    "sheet_unknown": N_("The workbook has no sheet of this name."),
    "text_invalid": N_("The text holds half a character; export the file again."),
    "too_deep": N_("The file is nested too deeply."),
    "too_many_bad_rows": N_(
        "Too many rows have faults; nothing was stored. Correct them and bring the file again."
    ),
    "too_many_columns": N_("The table has too many columns."),
}
"""Why a whole file was refused, by its code."""

NOTES = {
    "article_disagrees": N_("Text and code of the row name different articles; the code was kept."),
    "coordinates_coarse": N_("The coordinates have few decimals, so the places are only rough."),
    "dimming_end_missing": N_(
        "Rows say from when the light is less and not until when; it counts as gone until noon."
    ),
    "dimming_hours_missing": N_(
        "Rows say how much light is left and not in which hours; they count as not dimmed."
    ),
    "dimming_share_missing": N_(
        "Rows say when the light is dimmed and not by how much; half of it is taken as left."
    ),
    "dimming_unclear": N_(
        "What rows say of the hours of light is not understood; they count as not dimmed."
    ),
    "discovery_unknown": N_("Rows do not say how the offence came to light; its article decides."),
    "gates_apart": N_("Gates of one school lie about a kilometre apart or more."),
    "geocode_default": N_(
        "Rows lie at points that stand for a whole settlement; they count in totals and enter no "
        "cell."
    ),
    "header_look_alike": N_("A head mixes Latin and Cyrillic letters that look alike."),
    "holidays_left_out": N_(
        "Plans name public holidays too; only their days of the week are kept."
    ),
    "id_numbers_rows": N_(
        "A column only numbers the rows and is not taken as the record’s number."
    ),
    "kind_unknown": N_(
        "Cameras have a kind that is not known; whether they see the street is not known either."
    ),
    "length_differs": N_(
        "Stretches are written much longer or shorter than on the map; look at their ends."
    ),
    "letters_lost": N_(
        "The writer of the file replaced letters by “?”; they cannot be brought back."
    ),
    "line_elsewhere": N_(
        "Routes are told in words that lead away from their coordinates; the coordinates were kept."
    ),
    "mixed_offsets": N_("Some times have an offset from UTC, the others were read as local time."),
    "no_map_for_addresses": N_(
        "Rows name an address only; import a street map first, then bring the file again."
    ),
    "offence_unknown": N_(
        "Rows have an offence that is in no group; they are kept and enter no map."
    ),
    "outage_of_street": N_(
        "Outages that name neither a number nor a feeder put out every lamp along their street,"
        " where the map has one street of that name."
    ),
    "page_cut_off": N_("The server had more rows than it gave; ask for the next pages too."),
    "plans_overlap": N_(
        "Plans overlap with another of their route; they were kept, and each is counted."
    ),
    "range_zero": N_("Cameras have a range of 0 m; their range counts as not known."),
    "registered_before_occurred": N_(
        "Rows were registered before they happened; the time of the offence was kept."
    ),
    "result_unknown": N_("Calls do not tell whether they were confirmed; they count as standing."),
    "school_unknown": N_(
        "Rows name schools that are not known; they are not followed until a list of schools or "
        "the map has them."
    ),
    "shifts_assumed": N_("Schools without shifts were given 08:00–13:00 and 14:00–19:00."),
    "shifts_overlap": N_("Schools have shifts that overlap; they were kept."),
    "street_unknown": N_(
        "Rows name streets or addresses that the map has not; they are not followed."
    ),
    "started_before_decided": N_("Measures began before they were decided; both days were kept."),
    "time_disagrees": N_("Two columns give different times; they were left out."),
    "time_skipped": N_("Times lie in an hour that the clocks left out."),
    "time_unknown": N_("Many times are midnight; their hour counts as not known."),
    "trace_clock": N_(
        "The times have no offset and were read as local; where the receiver writes UTC, declare "
        "time_zone: UTC."
    ),
}
"""What a person should look at though the rows were taken, by its code."""
