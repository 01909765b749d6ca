"""Optional features, switched by the service or for one tenant."""
