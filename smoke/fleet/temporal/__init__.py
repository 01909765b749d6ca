"""A fleet on Temporal (extra `temporal`): a workflow for the run, an activity for each target."""
