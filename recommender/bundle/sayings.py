"""What the parts of a manifest that have no fixed fields may hold: figures and settings."""

import math
from collections.abc import Mapping
from datetime import datetime
from typing import Any

_MOST = 1_000_000  # of what a setting counts


def checked_figures(rows: Mapping[str, Mapping[str, Any]]) -> Mapping[str, Mapping[str, Any]]:
    """Figures by row, as `Evaluation.to_dict` and `measure_references` give them.

    Raises:
      ValueError: if one is no number, or the remarks between them are none.
    """
    for row, figures in rows.items():
        for name, value in figures.items():
            if not _is_figure(name, value):
                raise ValueError(f"{row}, {name} is no figure")
    return rows


def _is_figure(name: str, value: Any) -> bool:
    if name == "says_nothing":
        return isinstance(value, Mapping) and all(isinstance(why, str) for why in value.values())
    if name == "held_out":
        return value is None or (
            isinstance(value, Mapping)
            and name not in value
            and all(_is_figure(inner, figure) for inner, figure in value.items())
        )
    if name == "chosen":
        return isinstance(value, Mapping) and all(map(_is_setting, value.values()))
    if name == "left_out":
        return isinstance(value, str)
    if isinstance(value, Mapping):
        return all(map(_is_number, value.values()))
    return _is_number(value)


def _is_number(value: Any) -> bool:
    return value is None or (isinstance(value, int | float) and abs(value) < math.inf)


def checked_settings(settings: Mapping[str, Any]) -> Mapping[str, Any]:
    """The settings of a model.

    Raises:
      ValueError: if one is neither a word nor a number nor a list of them, or one that counts something is no count.
    """
    for name, value in settings.items():
        counts = name.startswith("n_")
        if not _is_setting(value) or (counts and not (isinstance(value, int) and 0 <= value <= _MOST)):
            raise ValueError(f"{name} is no setting")
    return settings


def _is_setting(value: Any) -> bool:
    if isinstance(value, list | tuple):
        return all(not isinstance(part, list | tuple) and _is_setting(part) for part in value)
    return isinstance(value, str) or _is_number(value)


def checked_time(text: str) -> str:
    """A date-time in ISO's way of writing.

    Raises:
      ValueError: if it is none.
    """
    datetime.fromisoformat(text)
    return text
