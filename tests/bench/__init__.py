"""Bench: what a run and a plan cost, in CPU time, so that a busy machine says the same."""
