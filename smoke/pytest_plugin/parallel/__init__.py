"""Several targets in one invocation: one pytest-xdist worker each."""
