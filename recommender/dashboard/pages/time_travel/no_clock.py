"""What the page Time travel shows in its place for a model to which every moment is the same."""

from typing import TYPE_CHECKING

import streamlit as st

from recommender.dashboard.answers.abilities import Abilities
from recommender.dashboard.bundles.manifests import all_bundles, readable_manifests
from recommender.dashboard.choices import current
from recommender.dashboard.drawing.markdown import escape

if TYPE_CHECKING:
    from recommender.serving.recommender import Recommender


def draw(recommender: "Recommender", can: Abilities) -> None:
    """Draws why nothing moves here, and the way to models where something does."""
    name = escape(recommender.manifest.model)
    with st.container(border=True, horizontal_alignment="center", gap="small"):
        st.space("small")
        st.header(":material/hourglass_disabled: No time to travel in", anchor=False, width="content")
        st.markdown(
            f"The data that **{name}** learned from, {escape(recommender.manifest.data.name)}, have no times."
            if not can.has_clock
            else f"**{name}** does not read the clock: its list is the same at every moment.",
            width="content",
        )
        others = _that_read_the_clock()
        if others:
            st.caption("These read it:", width="content")
            with st.container(horizontal=True, horizontal_alignment="center", gap="small"):
                for other in others:
                    st.button(
                        escape(other),
                        icon=":material/schedule:",
                        key=f"travel_with_{other}",
                        on_click=current.choose_model,
                        args=(other,),
                    )
        else:
            st.caption(
                "A model that does is trained in about a minute, on data with times: "
                "`python -m recommender train flagship`",
                width="content",
            )
        st.space("small")


def _that_read_the_clock() -> list[str]:
    manifests = readable_manifests(all_bundles())
    return [name for name, found in manifests.items() if found.reads_clock]
