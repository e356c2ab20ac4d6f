"""An SDK for Solid storages with grants: session, login, resources and the services of a storage, over HTTP only."""
