"""A turn of a conversation: a user writes, an agent answers."""
