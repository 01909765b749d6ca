"""The command `smoke`: a run, and everything beside it. Each module has commands of one kind."""
