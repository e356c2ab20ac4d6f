"""What an app may do at most for a person, as she says it on the consent page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pod_server.identity.clients import Client
from pod_server.identity.texts import Language
from vault.model.modes import AccessMode
from vault.model.organisation import Organisation, Register
from vault.model.requester import SERVICES, AppLimit
from vocab.concepts import fixed_containers

MODES: Mapping[str, frozenset[AccessMode]] = {
    "lezen": frozenset({AccessMode.READ}),
    "erbij": frozenset({AccessMode.READ, AccessMode.APPEND}),
    "alles": frozenset({AccessMode.READ, AccessMode.APPEND, AccessMode.WRITE}),
}
EVERYWHERE = "*"
# What says least about a person.
FIRST_PLACES = frozenset({"afspraken/"})
# The vault writes these itself; reading them is a service each.
_LETTING_IN = frozenset({"AccessGrantService", "RelocationService"})
_SERVICE_CONTAINERS = frozenset({"toegang/", "verzoeken/", "logboek/"})


@dataclass(frozen=True, slots=True)
class Choices:
    """What is ticked on the page. `places` are paths of containers, or `EVERYWHERE`."""

    mode: str = "lezen"
    places: frozenset[str] = FIRST_PLACES
    services: frozenset[str] = frozenset()
    has_control: bool = False


def places(language: Language) -> tuple[tuple[str, str], ...]:
    """Path and name of every container that can be ticked, first those that are to begin with."""
    named = (
        (container.path, container.label_nl if language is Language.DUTCH else container.label_en)
        for container in fixed_containers()
        if container.path.count("/") == 1 and container.path not in _SERVICE_CONTAINERS
    )
    return tuple(sorted(named, key=lambda place: place[0] not in FIRST_PLACES))


def read_choices(mode: str, chosen: Sequence[str], services: Sequence[str], *, has_control: bool) -> Choices:
    """Read what was ticked; what is not on the page does not count."""
    known = {path for path, _ in places(Language.DUTCH)} | {EVERYWHERE}
    return Choices(
        mode if mode in MODES else "lezen",
        frozenset(chosen) & known,
        frozenset(services) & SERVICES,
        has_control,
    )


def limit_of(choices: Choices) -> AppLimit | None:
    """The limit that the choices say; None when nothing at all may be reached."""
    if not choices.places and not choices.services:
        return None
    modes = MODES[choices.mode] | ({AccessMode.CONTROL} if choices.has_control else frozenset())
    containers = None if EVERYWHERE in choices.places else tuple(sorted(choices.places))
    return AppLimit(modes, containers, choices.services)


def is_weighty(limit: AppLimit) -> bool:
    """Whether an app could take things away, fill the whole vault, or let others in: that asks for a fresh proof."""
    changes = limit.modes & {AccessMode.WRITE, AccessMode.CONTROL}
    fills = limit.containers is None and AccessMode.APPEND in limit.modes
    return bool(changes) or fills or bool(limit.services & _LETTING_IN)


def organisation_of(register: Register, client: Client) -> Organisation | None:
    """The organisation of the register whose app this is."""
    return organisation_with(register, client.id)


def organisation_with(register: Register, client_id: str) -> Organisation | None:
    """The organisation of the register that has a client with this id."""
    for organisation in register.organisations:
        if client_id in organisation.clients and organisation.suspended_at is None:
            return organisation
    return None
