"""
The SQL that creates the service's tables: `python -m tests.reference.schema` prints it.
"""

import sys
from importlib import import_module
from pathlib import Path

from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateIndex, CreateTable, DDLElement

from smoke.reference import database
from smoke.reference.security import keys


def schema_of_models() -> str:
    """
    Return the statements for every table and index of the models, one a line.
    """
    for models in sorted(Path(database.__file__).parent.glob("*/models.py")):
        import_module(f"{database.__package__}.{models.parent.name}.models")
    assert keys.Secret.__table__ is not None  # imported for its table
    statements = []
    for table in database.Table.metadata.sorted_tables:
        indexes = sorted(table.indexes, key=lambda index: str(index.name))
        made: list[DDLElement] = [CreateTable(table, if_not_exists=True)]
        made += [CreateIndex(index, if_not_exists=True) for index in indexes]
        statements += [str(one.compile(dialect=sqlite.dialect())) for one in made]
    return "".join(f"{' '.join(one.split())};\n" for one in statements)


if __name__ == "__main__":
    sys.stdout.write(schema_of_models())
