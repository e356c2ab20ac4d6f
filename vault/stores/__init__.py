"""Adapters that keep bytes and rows, behind the ports of `vault.stores.ports`."""
