"""The frames of streams (`public_sse_v1`): their schemas and their writer."""
