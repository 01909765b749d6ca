"""Registration, requests for access, and sign-up invitations."""
