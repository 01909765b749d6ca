"""
Proof that a smoke run can be trusted: faults it must find, changes it must not mind.

`python -m tests.faults` runs the catalogue and writes `RESULTS.md`. A *fault* must turn the run
red, a *harmless change* must leave it green, a *false green* is a run that must not be green.
"""
