"""One run against one target: actors, tokens, seeding, readiness, replay and cleanup."""
