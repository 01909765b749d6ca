"""Counters of what a tenant used."""
