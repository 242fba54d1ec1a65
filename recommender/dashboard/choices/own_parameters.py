"""Parameters of the address that only one page has, checked as `state` checks the shared ones.

A value that cannot be gives the default, and the one line on the address says so.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import streamlit as st

from recommender.dashboard.choices.current import Options
from recommender.dashboard.drawing.markdown import escape, plain

if TYPE_CHECKING:
    from recommender.serving.recommender import Recommender

# All that a parameter may be, the default first; nothing where the page has no use for it.
Values = Callable[["Recommender", Options], Sequence[str]]
_SWITCH = ("false", "true")


def of_switch(recommender: "Recommender", options: Options) -> Sequence[str]:
    """The values of a parameter that is on or off; upper case counts as lower case."""
    return _SWITCH


def strangers(parameters: Mapping[str, Values], recommender: "Recommender", options: Options) -> list[str]:
    """What is wrong with a page's own parameters, one clause each; the URL is mended where no widget does it.

    Args:
      parameters: name -> its values, which are asked for only if the address holds the parameter.
      recommender: the model.
      options: what may be chosen.
    """
    found = []
    for name, values_of in parameters.items():
        asked = st.query_params.get_all(name)
        values = values_of(recommender, options) if asked else ()
        unknown = [value for value in asked if (value.lower() if values is _SWITCH else value) not in values]
        if values and unknown:
            instead = f"so it is {escape(values[0])}" if len(asked) == 1 else "which was left out"
            found.append(f"{name} cannot be '{plain(unknown[0])}', {instead}")
            st.query_params.pop(name, None)
    return found
