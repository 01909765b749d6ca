"""Tenants as platform operators see them."""
