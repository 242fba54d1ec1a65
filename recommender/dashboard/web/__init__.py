"""What every request passes on its way to a page: whom it was sent to, and what a browser may do with the answer."""
