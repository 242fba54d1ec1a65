from tests.eager import eagerly  # noqa: F401
