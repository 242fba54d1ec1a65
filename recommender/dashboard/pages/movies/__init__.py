"""The page Movies."""
