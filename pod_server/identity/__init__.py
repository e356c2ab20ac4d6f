"""The OpenID provider and the account pages, on an origin of their own."""
