"""What a run must never do, and what no service can make it do."""
