"""The menu of downloads: the address of a view, its tables, a picture, a slide, a page that responds."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from recommender.dashboard.answers import personas
from recommender.dashboard.choices import current
from recommender.dashboard.choices.current import Choices, Options
from recommender.dashboard.choices.shared_link import link_to_view
from recommender.dashboard.downloads import marked_menu
from recommender.dashboard.downloads.download import Content, Download, file_name
from recommender.dashboard.downloads.report import report_html
from recommender.dashboard.downloads.sheet import sheet_png
from recommender.dashboard.downloads.slides import Slide
from recommender.dashboard.downloads.slides_pdf import slides_pdf
from recommender.dashboard.downloads.slides_pptx import PPTX, slides_pptx
from recommender.dashboard.drawing.words import moment
from recommender.dashboard.frame import present

if TYPE_CHECKING:
    from recommender.serving.recommender import Recommender

_LICENCES = {
    "ml-100k": "Data: MovieLens 100K, GroupLens Research, University of Minnesota. It may be used for research under "
    "its own conditions; it may not be passed on without permission, and nobody endorses what is shown here.",
    "ml-latest-small": "Data: MovieLens latest-small, GroupLens Research, University of Minnesota. It may be used for "
    "research and passed on under the same conditions, not for commercial purposes without permission; nobody endorses "
    "what is shown here.",
}
_LICENCE = "The data set has conditions of its own; ask whoever gave it before you pass this on."


def draw(download: Download) -> None:
    """Draws the menu; nothing is built before its button is clicked.

    Args:
      download: the view; see `download_of`.
    """
    # A menu cannot hold another one, so while presenting its entries stand in the one that holds the controls.
    presenting = current.presenting()
    with present.fold(st.container()) if presenting else st.popover("Export", icon=":material/ios_share:"):
        st.caption("The address of this view")
        st.code(download.address, language=None, wrap_lines=True)
        with st.container(horizontal=True, gap="small"):
            for label, ending, build, mime, icon in _entries(download):
                st.download_button(
                    label,
                    build,
                    file_name=f"{download.file_stem}.{ending}",
                    mime=mime,
                    icon=f":material/{icon}:",
                    type="tertiary",
                    key=f"export_{ending}_{download.file_stem.split('-')[0]}",
                    on_click="ignore",
                )
        marked_menu.draw_marking(download)


def _entries(download: Download) -> Iterator[tuple[str, str, Callable[[], bytes], str, str]]:
    """Label, ending, how it is built, kind and icon of each file."""
    slide = [Slide(download.title, "", download.address, download)]
    if len(download.tables) == 1:
        yield "Table, csv", "csv", download.csv, "text/csv", "table"
    else:
        yield "Tables, csv in a zip", "zip", download.csv, "application/zip", "table"
    yield "Picture, png", "png", partial(sheet_png, download), "image/png", "image"
    yield "Slide, pptx", "pptx", partial(slides_pptx, slide), PPTX, "slideshow"
    yield "Slide, pdf", "pdf", partial(slides_pdf, slide), "application/pdf", "picture_as_pdf"
    yield "Page that responds, html", "html", partial(report_html, download), "text/html", "article"


def download_of(content: Content, recommender: "Recommender", options: Options, chosen: Choices) -> Download:
    """What a page shows, with the viewer, the moment, the model and the address every download needs."""
    manifest = recommender.manifest
    at_moment = content.at_moment and options.has_clock
    when = f", {moment(chosen.at)}" if at_moment else ""
    stem = f"{file_name(content.page.split()[0])}-{file_name(content.who or chosen.user)}"
    about = {
        "Model": f"{manifest.model}, {manifest.training.finished_at[:10]}",
        "Data": f"{manifest.data.name}, checksum {manifest.data.checksum[:12]}",
        "Split": f"{manifest.split.name}, seed {manifest.split.seed}",
        **content.facts,
    }
    return Download(
        title=f"{content.who or personas.name_of(recommender, chosen.user)}{when}: {content.page}",
        file_stem=f"{stem}-{current.to_clock(chosen.at):%Y%m%dT%H%M}" if at_moment else stem,
        tables=content.tables,
        pictures=content.pictures,
        sentences=content.sentences,
        facts=about,
        address=link_to_view(options, chosen, content.choices),
        licence=_LICENCES.get(manifest.data.name, _LICENCE),
    )
