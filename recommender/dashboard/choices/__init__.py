"""What is chosen, and how it travels: from page to page and in the address."""
