"""Heads, lines and names of an import's report; `maps.import_texts` says them in a language."""

from __future__ import annotations

from maps.words import N_

INFERRED = {
    "axes": N_("Order of the axes"),
    "cell_errors": N_("Cells that could not be calculated"),
    "columns": N_("Columns"),
    "coordinate_order": N_("Order of latitude and longitude"),
    "coordinates": N_("Form of the coordinates"),
    "covers": N_("Days that the file covers"),
    "crs": N_("CRS of the coordinates"),
    "crs_of_file": N_("CRS that the file names"),
    "cut_off": N_("The server gave only part of its rows"),
    "date_order": N_("Order of day and month"),
    "decimal": N_("Sign of decimals"),
    "deleted_rows": N_("Rows marked as deleted"),
    "delimiter": N_("Delimiter"),
    "encoding": N_("Encoding of the text"),
    "encoding_evidence": N_("Why this encoding"),
    "format": N_("Format"),
    "head_rows": N_("Rows of heads"),
    "hidden_rows": N_("Hidden rows, which were read too"),
    "hidden_sheets": N_("Hidden sheets"),
    "kind_of_file": N_("Form of the file"),
    "letters_lost": N_("Cells with letters lost by the writer"),
    "mapping": N_("Kept mapping that was taken"),
    "merged_cells": N_("Merged cells that were filled"),
    "occurred_precision": N_("How exactly the times are known"),
    "places": N_("Places found by address"),
    "repaired_cells": N_("Cells encoded twice and repaired"),
    "repeated_heads": N_("Rows that repeat the heads, put aside"),
    "sheets": N_("Sheets read"),
    "sheets_skipped": N_("Sheets left out, and why"),
    "title_rows": N_("Rows of title above the heads"),
    "totals_rows": N_("Rows of totals, put aside"),
}
"""What is read off a file, by its key in the report."""

INFERRED_OF_FIELDS = {
    "_24_00": N_("Times written as 24:00"),
    "_about": N_("Times that are only near"),
    "_decimal": N_("Sign of decimals"),
    "_excel_serials": N_("Days as numbers of a spreadsheet"),
    "_forms": N_("How the times are written (9 stands for a digit)"),
    "_intervals": N_("Times from – to"),
    "_two_digit_years": N_("Years of two digits"),
}
"""What is read off one column, by the end of its key."""

FINDINGS = {
    "by": N_("judged by"),
    "by:streets": N_("the streets of the map"),
    "by:study_area": N_("the study area"),
    "by_district": N_("by district"),
    "by_group": N_("by kind of offence"),
    "by_method": N_("by kind of place"),
    "clock_spikes": N_("Times of day that stand out"),
    "crs": N_("Does the CRS suit?"),
    "from": N_("known from"),
    "from:declared": N_("it was declared"),
    "from:default": N_("nothing was declared"),
    "from:file": N_("the file names it"),
    "gaps": N_("gaps of the receiver"),
    "geocoded": N_("Rows placed by their address"),
    "inside": N_("inside the study area as given"),
    "inside_swapped": N_("inside the study area if swapped"),
    "linked": N_("Events that another register knows too"),
    "lowest_score": N_("least match, of 100"),
    "near_street": N_("near a street as given"),
    "near_street_swapped": N_("near a street if swapped"),
    "placed": N_("rows with coordinates"),
    "stacked": N_("Places where most rows are stacked"),
    "stays_at_base": N_("stays at the base"),
    "swap": N_("Are latitude and longitude swapped?"),
    "taken_as:centre": N_("the centre of a settlement"),
    "taken_as:default": N_("a point for a whole settlement"),
    "taken_as:place": N_("a real place"),
    "traces": N_("Traces of patrols"),
    "twins": N_("Equal rows within the file, each kept"),
    "units": N_("units"),
    "unknown_articles": N_("Articles that are in no table"),
    "unlocated": N_("Rows without a place"),
    "unverified_articles": N_("Articles whose sanction is assumed, not read"),
    "used": N_("taken"),
    "verdict": N_("verdict"),
    "verdict:as_given": N_("the order is right as given"),
    "verdict:doubtful": N_("doubtful: most rows lie elsewhere"),
    "verdict:fits": N_("it suits"),
    "verdict:no_coordinates": N_("there are no coordinates"),
    "verdict:refused": N_("the file is refused"),
    "verdict:rows_flagged": N_("some rows look swapped and are refused"),
    "verdict:unknown": N_("cannot be told"),
    "versions": N_("New versions of known records"),
    "visits": N_("visits"),
}
"""What stands out in the rows, by its key in the report."""

EVIDENCE = {
    "known_word": N_("The head is a known word for this field."),
    "declared": N_("The mapping declares it."),
    "dates": N_("{share} of {rows} values are dates."),
    "clock_times": N_("{share} of {rows} values are times of day."),
    "degrees_inside": N_(
        "As degrees in this order {share} of {rows} points lie in the study area."
    ),
    "degrees": N_(
        "{share} of {rows} values look like degrees; latitude and longitude cannot be told apart."
    ),
    "metres_inside": N_("As metres of {crs} {share} of {rows} points lie in the study area."),
    "metres": N_("{share} of {rows} values look like metres; name their CRS."),
    "articles": N_("{share} of {rows} values name an article."),
    "addresses": N_("{share} of {rows} values look like streets or addresses."),
    "flags": N_("{share} of {rows} values are yes or no."),
}
"""Why a column is proposed for a field."""

LABELS = {
    "summary": N_("Summary"),
    "refused": N_("Refused rows"),
    "understood": N_("Understood"),
    "findings": N_("Findings"),
    "source": N_("Source"),
    "rows_read": N_("Rows read"),
    "accepted": N_("Accepted"),
    "versions": N_("of these, new versions of known records"),
    "quarantined": N_("Refused and put aside"),
    "outside_region": N_("of these, outside the study area"),
    "duplicate": N_("Known already"),
    "covers_from": N_("First day covered"),
    "covers_to": N_("Last day covered"),
    "error": N_("The file was refused"),
    "file": N_("File"),
    "sheet": N_("Sheet"),
    "row": N_("Row"),
    "column": N_("Column"),
    "code": N_("Code"),
    "reason": N_("What is wrong and what to do"),
    "rows": N_("Rows"),
    "share": N_("Share"),
    "what": N_("What"),
    "value": N_("Value"),
    "inferred": N_("Read off the file, not declared: check it"),
    "mapping": N_("Mapping"),
    "preview": N_("First rows as understood"),
    "note": N_("Note"),
    "field": N_("Our field"),
    "head": N_("Head in the file"),
    "evidence": N_("Evidence"),
    "open": N_("open: choose one"),
}
"""Heads and lines of the report."""

SENTENCES = {
    "counts": N_(
        "{read} rows read: {accepted} accepted, {quarantined} quarantined, {duplicate} known "
        "already"
    ),
    "dry_run": N_("dry run, nothing stored"),
    "kept_as": N_("kept as import {numbers}"),
    "more": N_("… and {count} more; --report FILE.xlsx lists them all"),
    "place": N_("row {row}, column {column}"),
    "place_sheet": N_("sheet {sheet}, row {row}, column {column}"),
    "understood": N_("understood {key}: {value}"),
    "note": N_("note: {text}"),
    "of": N_("{count} of {total}"),
}
"""Sentences of the report on a terminal."""
