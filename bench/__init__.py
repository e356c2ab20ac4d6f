"""Measures the server with real requests over sockets; `make bench` runs it."""
