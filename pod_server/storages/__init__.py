"""The origin of the storages: an ASGI application without cookies, sessions or templates."""
