"""Logs as JSON lines on standard error: a fixed set of fields, never content, names, tokens or URLs of documents."""

from __future__ import annotations

import json
import logging
import sys
import time

FIELDS = ("trace_id", "status", "method", "storage", "role", "port", "error", "job", "count")


class JsonFormatter(logging.Formatter):
    """One JSON object a line; of an exception only the type and the places in our own code."""

    def format(self, record: logging.LogRecord) -> str:
        """Render a record; fields outside the fixed set are dropped."""
        line: dict[str, object] = {
            "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(record.created)),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        line |= {name: getattr(record, name) for name in FIELDS if hasattr(record, name)}
        if record.exc_info and record.exc_info[0] is not None:
            line["exception"] = record.exc_info[0].__name__
            line["where"] = _where(record)
        return json.dumps(line, ensure_ascii=False)


def _where(record: logging.LogRecord) -> list[str]:
    trace = record.exc_info[2] if record.exc_info else None
    places = []
    while trace is not None:
        code = trace.tb_frame.f_code
        places.append(f"{code.co_filename.rpartition('/')[2]}:{trace.tb_lineno} {code.co_name}")
        trace = trace.tb_next
    return places[-8:]


def start_logging(level: int = logging.INFO) -> None:
    """Send every log record of this process to standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for noisy in ("alembic", "urllib3", "httpx2", "httpcore2"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
