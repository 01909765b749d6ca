"""Files that members give to agents."""
