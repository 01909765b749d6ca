"""Runs that end early: by a signal, a full disk, a mistake or a crash, at many points."""
