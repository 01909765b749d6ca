"""The one HTTP client: request, body, pace, and the policy of what may be sent."""
