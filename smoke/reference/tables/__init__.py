"""
The tables, one module a surface; every row belongs to a tenant or a user.
"""
