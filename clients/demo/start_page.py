"""The start page of the demonstration: who you can be, where to go, and the clock of the demonstration."""

from __future__ import annotations

import logging
from datetime import date
from pathlib import Path
from typing import Any

from flask import Flask, Response, abort, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from clients.demo.people import CITIZENS, PASSWORD, WORKERS
from clients.demo.processes import Addresses, DemoError
from clients.demo.seed import command
from clients.look.dates import numbers, parse_day
from clients.look.wire import Look, wire_look
from clients.web.headers import wire_headers
from clients.web.serving import worker_settings

TEXTS = Path(__file__).parent / "texts_nl.toml"
first_day = date(2020, 1, 1)
logger = logging.getLogger(__name__)


def create_app(addresses: Addresses, data: tuple[Path, ...]) -> Flask:
    """Build the start page; `data` are the folders whose policy clock it may shift."""
    app = Flask(__name__, static_folder=None)
    texts = wire_look(app, Look("wk-app--demo", TEXTS, ()), lambda: 0)
    wire_headers(app)

    @app.get("/")
    def start() -> str:
        return render_template(
            "demo/start.html",
            addresses=addresses,
            citizens=CITIZENS,
            workers=WORKERS,
            password=PASSWORD,
            errors={"dag": texts.text("oefenen.klok_fout")} if request.args.get("dag") == "fout" else {},
            failed=request.args.get("dag") == "mislukt",
            today=parse_day(request.args.get("nu", "")),
        )

    @app.post("/klok")
    def shift() -> AnyResponse:
        # There is no visit here that a form token could belong to; browsers tell where a form stood.
        if request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}:
            abort(403)
        return _shift_clock(data, request.form.get("dag", ""))

    @app.get("/client-id")
    def alive() -> Response:
        return make_response("", 200)

    return app


def _shift_clock(data: tuple[Path, ...], written: str) -> AnyResponse:
    wanted = parse_day(written)
    if written.strip() and (wanted is None or wanted < first_day):
        return redirect("/?dag=fout", 303)
    arguments = ("--reset",) if wanted is None else ("--date", wanted.isoformat())
    try:
        for folder in data:
            command("clock", "--data", str(folder), *arguments, "--json")
    except DemoError as error:
        logger.warning("the clock stays: %s", error)
        return redirect("/?dag=mislukt", 303)
    return redirect("/" if wanted is None else f"/?nu={numbers(wanted)}", 303)


def application() -> Flask:
    """Build the app in the worker from what the parent handed over."""
    settings: dict[str, Any] = worker_settings()
    return create_app(Addresses(settings["port"]), tuple(Path(folder) for folder in settings["data"]))
