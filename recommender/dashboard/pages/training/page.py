"""The page Training: what the chosen model learned, or the training of another one."""

from typing import TYPE_CHECKING

import streamlit as st

from recommender.dashboard.choices.current import Options
from recommender.dashboard.pages.training import learned
from recommender.dashboard.pages.training.views import LEARNED, TRAIN, VIEW

if TYPE_CHECKING:
    from recommender.serving.recommender import Recommender


def draw(recommender: "Recommender", options: Options) -> None:
    """Draws the page below the bar."""
    view = st.segmented_control(
        "View",
        [LEARNED, TRAIN],
        default=LEARNED,
        required=True,
        key=VIEW,
        bind="query-params",
        label_visibility="collapsed",
    )
    if view == TRAIN:
        from recommender.dashboard.pages.training import form

        form.draw(recommender, options)
    else:
        learned.draw(recommender, options)
