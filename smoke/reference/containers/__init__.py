"""Containers in which agents run code."""
