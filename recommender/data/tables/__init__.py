"""A file as a table whose rows know their number: csv, parquet, archives."""
