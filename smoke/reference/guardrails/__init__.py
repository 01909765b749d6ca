"""Guardrails and presets of guardrails."""
