"""Tests of the fleet's room: units as real processes, against small services on loopback."""
