"""A small api-service that behaves: real database, real keys, real bytes, nothing played back.

It is started by name (`python -m smoke.reference`) and spoken to over HTTP; nothing imports it.
Read `app.py` for the list of surfaces, `surfaces/__init__.py` for how to add one.
"""
