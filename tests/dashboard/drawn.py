"""What a page of `AppTest` draws: its prose, its tables and the data of its charts, found by their accessible names."""

import json
from typing import Any

import pandas as pd
import pyarrow as pa
from streamlit.testing.v1 import AppTest


def words(app: AppTest) -> str:
    """All prose of the page."""
    return " ".join(e.value for e in [*app.markdown, *app.caption, *app.title, *app.header, *app.subheader, *app.error])


def listed(app: AppTest) -> pd.DataFrame:
    """The table of recommendations."""
    return table(app, "Recommended titles with")


def list_proto(app: AppTest) -> Any:
    """The same table as it is sent to the browser."""
    return next(element.proto for element in app.dataframe if "Recommended titles with" in element.proto.alt)


def cards(app: AppTest, key: str = "recommended_cards") -> list[str]:
    """The html of each card of a list."""
    component = next(element.proto for element in app.get("bidi_component") if key in element.proto.id)
    return str(json.loads(component.json)["cards"]).split("</li>")[:-1]


def table(app: AppTest, alt: str) -> pd.DataFrame:
    """The table with these words in its accessible name."""
    return next(element.value for element in app.dataframe if alt in element.proto.alt)


def chart_frame(app: AppTest, alt: str, name: str | None = None) -> pd.DataFrame:
    """The data of the chart whose accessible name contains a text, or those of its frames that have a name."""
    chart = next(element.proto for element in app.get("vega_lite_chart") if alt in element.proto.alt)
    data = chart.data if name is None else next(d.data for d in chart.datasets if d.name == name)
    return pa.ipc.open_stream(data.data).read_all().to_pandas()
