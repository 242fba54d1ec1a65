"""What can be carried off a page: its address, tables, pictures and a report."""
