"""A small api-service that behaves: real database, real keys, real bytes, nothing played back.

It is started by name (`python -m smoke.reference`) and spoken to over HTTP; nothing imports it.
A package is a feature: its router (handlers are named after their operations, which the contract
describes), its tables (`models`), and what it does (`service`). `surfaces.py` lists the routers.
"""
