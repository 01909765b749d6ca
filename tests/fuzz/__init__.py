"""Bad input: whatever a file holds, it is read, or refused with the file and the place."""
