"""The unit of work of every engine: one target, one process group, an exit code and a record."""

from smoke.fleet.unit.attempt import unit_s
from smoke.fleet.unit.runner import Order, run_unit

__all__ = ["Order", "run_unit", "unit_s"]
