"""The profile, account, consents and preferences of a user."""
