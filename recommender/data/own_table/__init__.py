"""A table that somebody brings: which column means what, and what is wrong with it."""
