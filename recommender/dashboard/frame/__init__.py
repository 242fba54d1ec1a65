"""What stands around every page: the bar, presenting, the tour, the menu."""
