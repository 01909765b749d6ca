"""Who calls and what they may do: keys, tokens, passwords, tenants, roles."""
