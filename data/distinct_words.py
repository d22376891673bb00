"""Columns of few distinct words: each word is worked on once, however many rows bear it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc


def as_category(texts: pd.Series) -> pd.Series:
    """Return text as a category, which takes a few bytes a row; words in order of first row."""
    if isinstance(texts.dtype, pd.CategoricalDtype):
        return texts
    words, codes = _encoded(texts)
    category = pd.CategoricalDtype(pd.Index(words, dtype=object))
    return pd.Series(pd.Categorical.from_codes(codes, dtype=category), index=texts.index)


def map_words(texts: pd.Series, function: Callable[[str], Any]) -> pd.Series:
    """Return what a function says of each text, None where it is missing; one call a word."""
    words, codes = _encoded(texts)
    said = np.empty(len(words) + 1, object)
    said[:-1] = [function(word) for word in words]
    return pd.Series(said[codes], index=texts.index, dtype=object)  # −1 takes the last, None


# -------------------------------------------------------------------------------------------


def _encoded(texts: pd.Series) -> tuple[list[str], npt.NDArray[np.integer]]:
    if isinstance(texts.dtype, pd.CategoricalDtype):
        return texts.cat.categories.tolist(), texts.cat.codes.to_numpy()
    array = pa.array(texts, pa.large_string(), from_pandas=True)
    whole = pa.chunked_array([array]) if isinstance(array, pa.Array) else array
    encoded = pc.dictionary_encode(whole).unify_dictionaries()
    chunks = [chunk.indices.fill_null(-1).to_numpy() for chunk in encoded.chunks]
    words = encoded.chunk(0).dictionary.to_pylist() if chunks else []
    codes = np.concatenate([*chunks, np.zeros(0, np.int32)])
    return [str(word) for word in words], np.asarray(codes, np.int32)
