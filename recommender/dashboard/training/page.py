"""The page Training: what the chosen model learned, or the training of another one."""

from typing import TYPE_CHECKING

import streamlit as st

from recommender.dashboard.state import Known
from recommender.dashboard.training import learned

if TYPE_CHECKING:
    from recommender.serving import Recommender

VIEW = "view"
LEARNED, TRAIN = "What it learned", "Train a model"  # as they stand in the address, too


def views(recommender: "Recommender", known: Known) -> list[str]:
    """What the address may say of the view; see `own_parameters`."""
    return [LEARNED, TRAIN]


def draw(recommender: "Recommender", known: Known) -> None:
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
        from recommender.dashboard.training import form

        form.draw(recommender, known)
    else:
        learned.draw(recommender, known)
