"""Towers, heads, and the zoo that names what is built of them."""
