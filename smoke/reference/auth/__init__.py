"""Sign-in, refresh, sign-out and the sessions of a user."""
