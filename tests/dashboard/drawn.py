"""What a page of `AppTest` draws: the data of its charts, found by their accessible names."""

import pandas as pd
import pyarrow as pa
from streamlit.testing.v1 import AppTest


def chart_frame(app: AppTest, alt: str, name: str | None = None) -> pd.DataFrame:
    """The data of the chart whose accessible name contains a text, or those of its frames that have a name."""
    chart = next(element.proto for element in app.get("vega_lite_chart") if alt in element.proto.alt)
    data = chart.data if name is None else next(d.data for d in chart.datasets if d.name == name)
    return pa.ipc.open_stream(data.data).read_all().to_pandas()
