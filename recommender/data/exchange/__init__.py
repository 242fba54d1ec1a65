"""Ratings exported by other services, and files that spreadsheets open."""
