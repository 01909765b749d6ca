"""Tenant accounts, their members and their settings."""
