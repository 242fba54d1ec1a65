"""The entry: what `streamlit run` serves, and the script it runs for each viewer.

`streamlit run` finds the assignment to `app` by reading this file, imports the file once and serves the app; the app
runs the same file as its script, once per change. Only then is there a script run context, and a page to draw.
"""

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

if get_script_run_ctx(suppress_warning=True) is None:
    from recommender.dashboard import server

    server.check_settings()
    app = st.App(
        __file__,
        lifespan=server.warm_up,
        routes=server.routes(),
        middleware=server.middleware(),
        on_script_error=server.show_failure,
        exception_handlers={Exception: server.unexpected_failure},
    )
else:
    from recommender.dashboard import shell

    shell.draw()
