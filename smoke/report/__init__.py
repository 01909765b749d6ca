"""Reports: pure functions over a record, and the terminal that prints them."""
