"""The keeper: seals the journal, signs checkpoints, sweeps orphaned objects, refreshes the workers of organisations."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import batched
from pathlib import Path

from pod_server.authentication.errors import CannotFetch
from pod_server.authentication.outbound import FetchedDocument
from vault.context import Context
from vault.errors import NoSuchResource, VaultError
from vault.journal.checkpoints import Signer, make_checkpoint
from vault.journal.heartbeat import Heartbeat, read_heartbeat, write_heartbeat
from vault.journal.lines import moment_ms
from vault.journal.seal import Sealer, locked
from vault.model.organisation import Organisation
from vault.rdf.documents import parse
from vault.rdf.workers import read_workers
from vault.stores.ports import CatalogueTransaction, Cipher, ObjectStore
from vocab.media_types import TURTLE

logger = logging.getLogger(__name__)
Fetch = Callable[[str, str, int], FetchedDocument]
