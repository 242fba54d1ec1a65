"""What can be carried off a page: its address, tables, pictures, slides, a page that responds, and marked views."""
