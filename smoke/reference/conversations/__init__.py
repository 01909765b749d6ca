"""Conversations, their messages, and the ledger of what was streamed."""
