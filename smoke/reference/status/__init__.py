"""The status page, its feed and its subscriptions."""
