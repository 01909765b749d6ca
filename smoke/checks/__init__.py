"""The hand-written checks of api-service: one module per tag of its contract."""
