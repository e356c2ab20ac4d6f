"""What the citizen gives: grants and requests, how they become Authorizations, and where those stand."""
