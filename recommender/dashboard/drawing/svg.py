"""A small drawing in the page itself: Streamlit takes svg out of html, and puts a frame around pictures."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import streamlit as st

_JS = """
export default function ({ data, parentElement }) {
  const place = parentElement.querySelector("div");
  if (place.written !== data.svg) place.innerHTML = place.written = data.svg;
}
"""


@lru_cache(maxsize=1)
def _component() -> Callable[..., Any]:
    return st.components.v2.component("matinee_svg", html="<div></div>", css="svg { display: block; }", js=_JS)


def draw(svg: str, key: str) -> None:
    """Draws one svg element, or html around one.

    Args:
      svg: written by us, all text in it escaped.
      key: of the component.
    """
    _component()(key=key, data={"svg": svg})
