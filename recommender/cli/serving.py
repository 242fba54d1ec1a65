"""The command `serve`: the pages for many viewers at once."""

from typing import Annotated

import typer

from recommender.cli.terminal import errors
from recommender.replicas.serve import MOST_REPLICAS
from recommender.replicas.serve import serve as serve_replicas


def serve(
    replicas: Annotated[
        int,
        typer.Option(
            help=f"How many servers, 1 to {MOST_REPLICAS}: one for each processor, about 1 GB each.",
            envvar="MATINEE_REPLICAS",
        ),
    ] = 2,
    port: Annotated[int, typer.Option(help="Where viewers come.", envvar="STREAMLIT_SERVER_PORT")] = 8501,
    address: Annotated[
        str,
        typer.Option(help="localhost, or 0.0.0.0 for viewers on other machines.", envvar="STREAMLIT_SERVER_ADDRESS"),
    ] = "localhost",
) -> None:
    """Show the pages from several servers behind one address; each is started again when it dies.

    Servers read Streamlit's settings and those of Matinee from the environment, for instance
    STREAMLIT_SERVER_ALLOWED_HOSTS. A viewer stays with one server, and comes back to the same page from another when it
    dies; ratings that were typed on You and not kept in the browser are lost then.
    """
    serve_replicas(replicas, address, port, say=errors.print)
