"""What happens in a tenant: the log, who has read it, and its stream."""
