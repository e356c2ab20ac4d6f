"""The start page of the demonstration: who you can be, where to go, and the clock of the demonstration."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from flask import Flask, Response, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from clients.demo.people import CITIZENS, PASSWORD, WORKERS
from clients.demo.processes import Addresses
from clients.demo.seed import command
from clients.look.dates import day, parse_day
from clients.look.wire import Look, wire_look
from clients.web.headers import wire_headers
from clients.web.serving import worker_settings

TEXTS = Path(__file__).parent / "texts_nl.toml"


def create_app(addresses: Addresses, data: tuple[Path, ...]) -> Flask:
    """Build the start page; `data` are the folders whose policy clock it may shift."""
    app = Flask(__name__, static_folder=None)
    wire_look(app, Look("wk-app--kluis", TEXTS, ()), lambda: 0)
    wire_headers(app)

    @app.get("/")
    def start() -> str:
        return render_template(
            "demo/start.html",
            addresses=addresses,
            citizens=CITIZENS,
            workers=WORKERS,
            password=PASSWORD,
            wrong_day=request.args.get("dag") == "fout",
            today=request.args.get("nu"),
        )

    @app.post("/klok")
    def shift() -> AnyResponse:
        return _shift_clock(data, request.form.get("dag", ""))

    @app.get("/client-id")
    def alive() -> Response:
        return make_response("", 200)

    return app


def _shift_clock(data: tuple[Path, ...], written: str) -> AnyResponse:
    wanted = parse_day(written)
    if written.strip() and (wanted is None or wanted < date(2020, 1, 1)):
        return redirect("/?dag=fout", 303)
    for folder in data:
        arguments = ("--reset",) if wanted is None else ("--date", wanted.isoformat())
        command("clock", "--data", str(folder), *arguments, "--json")
    return redirect("/" if wanted is None else f"/?nu={day(wanted)}", 303)


def application() -> Flask:
    """Build the app in the worker from what the parent handed over."""
    settings: dict[str, Any] = worker_settings()
    return create_app(Addresses(settings["port"]), tuple(Path(folder) for folder in settings["data"]))
