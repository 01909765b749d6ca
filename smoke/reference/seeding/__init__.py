"""
Seeding: what a fixture request asks for, made or reset, one module a kind of thing.
"""
