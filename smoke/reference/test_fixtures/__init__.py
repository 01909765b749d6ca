"""Seeding, and the tokens that a deployment would send by mail."""
