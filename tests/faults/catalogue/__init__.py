"""The catalogue: one module for each group, every entry under its name."""

from tests.faults.catalogue import (
    agreement,
    configuration,
    contract,
    conversations,
    database,
    edges,
    false_greens,
    finer,
    hangs,
    harmless,
    invalid,
    keys,
    latency,
    observability,
    otherwise,
    payments,
    people,
    process,
    promises,
    providers,
    queue,
    rollouts,
    routing,
    seeding,
    sso,
    storage,
    stores,
    streaming,
    tenancy,
    unseen,
)
from tests.faults.entries import Entry, FalseGreen, Fault, Hang, Harmless

MODULES = (
    process, routing, configuration, keys, people, sso, tenancy, database, storage, queue, contract,
    conversations,
    streaming, latency, observability, seeding, providers, payments, stores, promises, agreement,
    edges, finer, unseen, invalid, otherwise, rollouts, harmless,
    hangs,
    false_greens,
)  # fmt: skip

LISTED: tuple[Entry, ...] = tuple(entry for module in MODULES for entry in module.ENTRIES)
ENTRIES: dict[str, Entry] = {entry.name: entry for entry in LISTED}
FAULTS = tuple(entry for entry in LISTED if isinstance(entry, Fault))
HARMLESS = tuple(entry for entry in LISTED if isinstance(entry, Harmless))
FALSE_GREENS = tuple(entry for entry in LISTED if isinstance(entry, FalseGreen))
HANGS = tuple(entry for entry in LISTED if isinstance(entry, Hang))
