"""The command `smoke`: it starts runs and works with their files. Each module groups commands."""
