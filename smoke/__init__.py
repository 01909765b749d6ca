"""Red or green for a deployed HTTP API, in seconds, with the reason on screen."""
