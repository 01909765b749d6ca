"""Stored objects and the presigned URLs of their bytes."""
