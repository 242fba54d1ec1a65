"""Choices that only one page has, checked as the shared ones are: what cannot be gives the default."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import streamlit as st

from recommender.dashboard.choices.current import Options
from recommender.dashboard.drawing.markdown import escape, plain

if TYPE_CHECKING:
    from recommender.serving.recommender import Recommender

# All that a parameter may be, the default first; nothing where the page has no use for it.
Values = Callable[["Recommender", Options], Sequence[str]]
_ON_OR_OFF = ("false", "true")


def on_or_off(recommender: "Recommender", options: Options) -> Sequence[str]:
    """The values of a switch; upper case counts as lower case."""
    return _ON_OR_OFF


def is_on(value: str) -> bool:
    """What a switch holds for a value of the address."""
    return value.lower() == "true"


def check(parameters: Mapping[str, Values], recommender: "Recommender", options: Options) -> list[str]:
    """What is wrong with a page's own parameters, one clause each; what is wrong is taken out of the address.

    Args:
      parameters: name -> its values, which are asked for only if the address holds the parameter.
      recommender: the model.
      options: what may be chosen.
    """
    wrong = []
    for name, values_of in parameters.items():
        asked = st.query_params.get_all(name)
        values = values_of(recommender, options) if asked else ()
        unknown = [value for value in asked if (value.lower() if values is _ON_OR_OFF else value) not in values]
        if values and unknown:
            instead = f"so it is {escape(values[0])}" if len(asked) == 1 else "which was left out"
            wrong.append(f"{name} cannot be '{plain(unknown[0])}', {instead}")
            st.query_params.pop(name, None)
    return wrong


def one_of(values: Sequence[str], asked: str | None) -> str:
    """What was asked for if it is one of the values, else the first: a client may answer what no list held."""
    return asked if asked is not None and asked in values else values[0]
