"""Draws the bundles of the store that cannot be read, which hurt no other, and takes them away for whoever may."""

from collections.abc import Mapping

import streamlit as st

from recommender.dashboard.drawing.markdown import escape, sentence
from recommender.errors import RecommenderError
from recommender.runs import default_queue
from recommender.runs.switch import training_is_on

_FAILED = "_removal_failed"


def draw(refused: Mapping[str, str]) -> None:
    """Draws them.

    Args:
      refused: name -> why it cannot be read; nothing is drawn if there is none.
    """
    failed = st.session_state.pop(_FAILED, "")
    if not refused:
        return
    st.header("Bundles that cannot be read", anchor=False)
    for name, why in refused.items():
        with st.container(border=True, gap="small"):
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(f":material/report: **{escape(name)}**", width="stretch")
                if training_is_on() and name not in default_queue().kept:
                    st.button(
                        "Remove",
                        icon=":material/delete:",
                        type="tertiary",
                        key=f"remove_{name}",
                        on_click=_remove,
                        args=(name,),
                        help="Deletes the bundle's folder for good.",
                    )
            st.caption(sentence(why))
    if failed:
        st.error(sentence(failed), icon=":material/report:")


def _remove(name: str) -> None:
    try:
        default_queue().remove_refused(name)
    except RecommenderError as error:
        st.session_state[_FAILED] = str(error)
