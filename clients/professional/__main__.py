"""`python -m clients.professional`: the Wijkteam-app as a process of its own."""

from __future__ import annotations

import click

from clients.web.serving import serve


@click.command()
@click.option("--port", type=int, required=True, help="port on 127.0.0.1")
@click.option("--url", required=True, help="URL of the app as browsers see it, ending in /")
@click.option("--issuer", required=True, help="OpenID provider of the organisation, ending in /")
@click.option("--vault", required=True, help="server with the residents' vaults, ending in /")
@click.option("--state", required=True, help="folder for the app's own secret")
def main(port: int, url: str, **given: str) -> None:
    """Serve the app until a signal; prints `ready URL`."""
    serve("clients.professional.app:application", port, url, {"url": url, **given})


if __name__ == "__main__":
    main()
