"""
The shapes of the auth surface, one module a topic.
"""
