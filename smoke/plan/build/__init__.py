"""Building a plan: generated examples, links between requests, and their order."""
