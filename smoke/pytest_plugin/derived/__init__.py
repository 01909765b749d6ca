"""Checks derived from the contract: the plan, refusals, and drift."""
