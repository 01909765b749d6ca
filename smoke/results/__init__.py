"""What a run saw: exchanges, record, secrets, expectations, causes, ledger and verdict."""
