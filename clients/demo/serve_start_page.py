"""`python -m clients.demo.serve_start_page`: the start page as a process of its own."""

from __future__ import annotations

import click

from clients.web.serving import serve


@click.command()
@click.option("--port", type=int, required=True)
@click.option("--data", "folders", multiple=True, required=True)
def main(port: int, folders: tuple[str, ...]) -> None:
    """Serve the start page until a signal."""
    settings = {"port": port, "data": list(folders)}
    serve("clients.demo.start_page:application", port, f"http://localhost:{port}/", settings)


if __name__ == "__main__":
    main()
