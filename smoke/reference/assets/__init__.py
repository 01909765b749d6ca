"""Files that tools made or users sent, with their details."""
