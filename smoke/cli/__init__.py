"""The command line, `smoke`: everything beside the run itself."""
