"""What every request passes: the server, errors, pages, streams, the contract."""
