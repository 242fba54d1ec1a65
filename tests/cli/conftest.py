from tests import conftest
from tests.eager import eagerly  # noqa: F401

SHORT = [part for name, value in conftest.SHORT.items() for part in ("--set", f"{name}={value}")]
