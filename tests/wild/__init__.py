"""Contracts with the shapes that real ones have: what each becomes in a plan."""
