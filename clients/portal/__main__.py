"""The command that runs Mijn Kluis."""

from __future__ import annotations

import click

from clients.web.serving import serve


@click.command()
@click.option("--port", type=int, required=True, help="Port on 127.0.0.1.")
@click.option("--url", required=True, help="The app's own URL, ending in a slash.")
@click.option("--issuer", required=True, help="The OpenID provider of the citizens.")
@click.option("--vault", required=True, help="Base URL of the storages.")
@click.option("--state", type=click.Path(), required=True, help="Folder for the app's own secret.")
@click.option("--neutral-site", default="https://www.buienradar.nl/", help='Where "Snel weg" goes.')
def main(port: int, url: str, **settings: str) -> None:
    """Serve Mijn Kluis until it is stopped; print `ready URL`."""
    serve("clients.portal.app:build", port, url, {"url": url, **settings})


if __name__ == "__main__":
    main()
