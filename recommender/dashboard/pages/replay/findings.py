"""What a replay beside a bundle has found: read once, and summed up once for all who look."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from recommender.replay.results import CHECKSUMS, Tables, folder_for, read_replay, read_request
from recommender.replay.summary import ageing, all_in_all, by_snapshot, of_known_viewers, over_time, stars_over_time

if TYPE_CHECKING:
    from recommender.bundle.manifest import Manifest


@dataclass(frozen=True, eq=False)
class Replayed:
    """A replay that was found beside a bundle.

    Attributes:
      request: what was asked for: `model`, `every`, `data` and the like.
      tables: what was found.
      over: whether it is over; what was found so far is shown of one that is not.
    """

    request: Mapping[str, Any]
    tables: Tables
    over: bool

    def is_of(self, manifest: "Manifest") -> bool:
        """Whether it was made with the data and the kind of model of a bundle: one may have been trained anew."""
        return (self.request.get("model"), self.request.get("checksum")) == (manifest.model, manifest.data.checksum)


def found_beside(bundle: Path) -> Replayed | None:
    """The replay of a bundle; None without one.

    Raises:
      RecommenderError: if it is not as it was written.
    """
    folder = folder_for(bundle)
    request = read_request(folder)
    if not request:
        return None
    written = folder / CHECKSUMS
    over = written.is_file()
    tables = _tables(folder, written.stat().st_mtime_ns if over else 0)
    return Replayed(request, tables, over) if len(tables.figures) else None


@st.cache_resource(max_entries=4, ttl=600, show_spinner=False)
def _tables(folder: Path, written: int) -> Tables:
    """Shared by all, so never changed."""
    return read_replay(folder)


@st.cache_data(max_entries=20, show_spinner=False)
def summaries(key: str, _replayed: Replayed, measure: str) -> dict[str, pd.DataFrame]:
    """The curves of a replay, which take a thousand draws of viewers each; `key` says which replay."""
    figures, model = _replayed.tables.figures, _replayed.request["model"]
    return {
        "curve": over_time(figures, measure),
        "whole": all_in_all(figures, measure),
        "known": all_in_all(of_known_viewers(figures), measure),
        "aged": ageing(figures, model, measure),
        "cells": by_snapshot(figures, model, measure),
        "stars": stars_over_time(_replayed.tables.watched),
    }
