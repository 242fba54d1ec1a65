"""How words, links, tables and pictures look on every page."""
