"""The results of a run: exchanges, record, secrets, expectations, causes, ledger and verdict."""
