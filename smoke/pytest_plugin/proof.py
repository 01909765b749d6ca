"""Verifies that a passed check saw its declared operations succeed and expected something."""

import pytest

from smoke.errors import SmokeError
from smoke.pytest_plugin.items import exercised, name_of
from smoke.results.run import Run


class Proof:
    """The expectations of one check."""

    def __init__(self, item: pytest.Item, run: Run) -> None:
        self._name = name_of(item)
        self._declared = exercised(item)
        self._run = run

    def must_be_there(self) -> None:
        """Refuse a check that passed without proof.

        Raises:
            SmokeError: it did not see an operation that it declares, it swallowed an expectation
                that was not met, or it expected nothing.
        """
        for operation in self._declared:
            seen = self._name in self._run.succeeded.get(operation, ())
            # What cannot be undone is not done again where an earlier run's work is used.
            if not seen and operation not in self._run.used_again:
                raise SmokeError(f"{self._name} declares {operation} but did not see it succeed.")
        if self._run.check.unmet:
            raise SmokeError(f"{self._name} passed although one of its expectations was not met.")
        if not self._run.check.expectations:
            raise SmokeError(f"{self._name} expects nothing of any answer, so it proves nothing.")
