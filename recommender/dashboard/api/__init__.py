"""What programs ask the server: the answers of the pages, as JSON."""
