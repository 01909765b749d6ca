"""One verdict of many records, read one after the other: memory does not grow with their number."""
