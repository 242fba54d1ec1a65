"""The page Training: what the chosen model learned, or the training of another one."""

from typing import TYPE_CHECKING

import streamlit as st

from recommender.dashboard.choices.current import Options
from recommender.dashboard.pages.training import learned
from recommender.dashboard.pages.training.tabs import LEARNED, TAB, TRAIN

if TYPE_CHECKING:
    from recommender.serving.recommender import Recommender


def draw(recommender: "Recommender", options: Options) -> None:
    """Draws the page below the bar."""
    tab = st.segmented_control(
        "View",
        [LEARNED, TRAIN],
        default=LEARNED,
        required=True,
        key=TAB,
        bind="query-params",
        label_visibility="collapsed",
    )
    if tab == TRAIN:
        from recommender.dashboard.pages.training import form

        form.draw(recommender, options)
    else:
        learned.draw(recommender, options)
