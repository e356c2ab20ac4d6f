"""The Wijkteam-app: what residents share with a care worker, asked for and opened over standard HTTP only."""
