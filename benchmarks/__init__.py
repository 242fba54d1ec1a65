"""Speed and quality, measured by hand; no test asserts a time."""
