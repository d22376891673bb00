"""Write incidents as JSON pages of the official offence layer."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from data.demo.offences import THEMES
from data.demo.plan import REGION_CODE
from data.demo.plane import Plane, draws

PAGE_RECORDS = 2000
CITY_CODE = "1927"

_DATE_ONLY_SHARE = 0.03
_DISCONTINUED_SHARE = 0.03
_FIELDS = (
    "OBJECTID", "ID", "YR", "PERIOD", "CRIME_CODE", "TIME_PERIOD", "HARD_CODE", "UD", "ORGAN",
    "DAT_VOZB", "DAT_SOVER", "STAT", "DAT_VOZB_STR", "DAT_SOVER_STR", "TZ1ID", "REG_CODE",
    "CITY_CODE", "STATUS", "ORG_CODE", "ENTRYDATE", "FZ1R18P5", "FZ1R18P6", "TRANSGRESSION",
    "ORGAN_KZ", "ORGAN_EN", "FE1R29P1_ID", "FE1R32P1", "discontinued", "globalid",
)  # fmt: skip
_NUMBERS = frozenset({"OBJECTID", "ID", "YR", "PERIOD", "TIME_PERIOD", "DAT_VOZB", "DAT_SOVER",
                      "STATUS", "ENTRYDATE", "discontinued"})  # fmt: skip
_OTHER_PLACE_ID = {"Иные": "039"}


def write_pages(directory: Path, drawn: pd.DataFrame, plane: Plane, seed: int) -> tuple[Path, ...]:
    """Write the drawn incidents in the order of their registration, 2 000 to a page.

    Every number, case and identifier is invented; three in a hundred records bear the day
    alone, as many are discontinued.

    Returns
    -------
    tuple of pathlib.Path
        ``incidents-0001.json`` and so on.
    """
    records = _records(drawn, plane, draws(seed, 4))
    paths = []
    for start in range(0, max(len(records), 1), PAGE_RECORDS):
        page = records[start : start + PAGE_RECORDS]
        path = directory / f"incidents-{start // PAGE_RECORDS + 1:04d}.json"
        more = start + PAGE_RECORDS < len(records)
        path.write_text(_page_text(page, more=more), encoding="utf-8")
        paths.append(path)
    return tuple(paths)


# -------------------------------------------------------------------------------------------


def _page_text(page: list[dict[str, Any]], *, more: bool) -> str:
    kinds = {
        name: "esriFieldTypeInteger" if name in _NUMBERS else "esriFieldTypeString"
        for name in _FIELDS
    }
    head = {
        "source": "synthetic",
        "note": "Invented records of an invented town; no real case, person or address.",
        "objectIdFieldName": "OBJECTID",
        "globalIdFieldName": "globalid",
        "geometryType": "esriGeometryPoint",
        "spatialReference": {"wkid": 4326, "latestWkid": 4326},
        "exceededTransferLimit": more,
        "fields": [{"name": name, "type": kind} for name, kind in kinds.items()],
    }
    return json.dumps({**head, "features": page}, ensure_ascii=False, separators=(",", ":")) + "\n"


def _records(drawn: pd.DataFrame, plane: Plane, rng: np.random.Generator) -> list[dict[str, Any]]:
    drawn = _with_articles(drawn, rng)
    count = len(drawn)
    day_only = rng.random(count) < _DATE_ONLY_SHARE
    at = drawn["at"].to_numpy().astype("datetime64[m]")
    drawn["committed"] = np.where(day_only, at.astype("datetime64[D]").astype("datetime64[m]"), at)
    drawn["day_only"] = day_only
    drawn["registered"] = at + rng.integers(30, 6 * 24 * 60, size=count).astype("timedelta64[m]")
    drawn["discontinued"] = (rng.random(count) < _DISCONTINUED_SHARE).astype(int)
    drawn["post"] = np.where(drawn["x"] < 0, 1, 2)
    drawn["lat"], drawn["lon"] = plane.to_degrees(drawn["x"], drawn["y"])
    drawn["globalid"] = _identifiers(count, rng)
    drawn = drawn.sort_values(["registered", "globalid"], ignore_index=True)
    year = drawn["registered"].dt.year
    drawn["sequence"] = drawn.groupby(year).cumcount() + 1
    return [_feature(number, row) for number, row in enumerate(drawn.itertuples(), start=1)]


def _with_articles(drawn: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    chosen = np.empty((len(drawn), 3), object)
    for name, rows in drawn.groupby("theme", sort=True).groups.items():
        articles = THEMES[str(name)].articles
        share = np.array([article.weight for article in articles])
        picks = rng.choice(len(articles), size=len(rows), p=share / share.sum())
        table = np.array([(a.code, a.stat, a.hard) for a in articles], object)
        chosen[rows] = table[picks]
    return drawn.assign(code=chosen[:, 0], stat=chosen[:, 1], hard=chosen[:, 2])


def _identifiers(count: int, rng: np.random.Generator) -> list[str]:
    """Return invented globally unique ids with letters in between: none may read as a phone."""
    texts = [rng.bytes(16).hex().upper() for _ in range(count)]
    return [
        f"{{{text[:7]}C-B{text[9:12]}-4{text[13:16]}-A{text[17:20]}-D{text[21:]}}}"
        for text in texts
    ]


def _milliseconds(moment: pd.Timestamp) -> int:
    """Return wall time stamped as if it were universal, as the layer does."""
    return (
        int(moment.as_unit("ms").value) if moment.unit == "ms" else int(moment.timestamp() * 1000)
    )


def _feature(number: int, row: Any) -> dict[str, Any]:
    committed, registered = row.committed, row.registered
    spelled = committed.strftime("%d.%m.%Y" if row.day_only else "%d.%m.%Y %H:%M")
    organ = f"г.Улгикала ДП отдел полиции №{row.post} (вымышленный)"
    attributes = {
        "OBJECTID": number,
        "ID": 0,
        "YR": registered.year,
        "PERIOD": registered.month,
        "CRIME_CODE": row.code,
        "TIME_PERIOD": None if row.day_only else committed.hour // 8 + 1,
        "HARD_CODE": row.hard,
        "UD": f"{registered.year % 100:02d}{REGION_CODE[2:]}{row.post:02d}{row.sequence:07d}",
        "ORGAN": organ,
        "DAT_VOZB": _milliseconds(registered),
        "DAT_SOVER": _milliseconds(committed),
        "STAT": row.stat,
        "DAT_VOZB_STR": registered.strftime("%d.%m.%Y"),
        "DAT_SOVER_STR": spelled,
        "TZ1ID": f"{number:025d}",
        "REG_CODE": REGION_CODE,
        "CITY_CODE": CITY_CODE,
        "STATUS": 0,
        "ORG_CODE": f"{REGION_CODE}{row.post:02d}",
        "ENTRYDATE": _milliseconds(registered.normalize() + pd.Timedelta(days=1)),
        "FZ1R18P5": row.street_ru.upper(),
        "FZ1R18P6": str(row.number) if row.number else None,
        "TRANSGRESSION": "6" if row.hard == "0" else "5",
        "ORGAN_KZ": f"Үлгіқала қ. ПД №{row.post} полиция бөлімі (ойдан шығарылған)",
        "ORGAN_EN": f"g.Ulgiqala DP otdel policii №{row.post} (invented)",
        "FE1R29P1_ID": _OTHER_PLACE_ID.get(row.place),
        "FE1R32P1": row.place,
        "discontinued": row.discontinued,
        "globalid": row.globalid,
    }
    return {"attributes": attributes, "geometry": {"x": float(row.lon), "y": float(row.lat)}}
