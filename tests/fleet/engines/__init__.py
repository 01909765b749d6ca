"""Fleets on real engines: `nox -s fleet`."""
