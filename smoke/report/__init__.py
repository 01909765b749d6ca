"""Reports: pure functions over what a run saw, and the terminal that prints them."""
