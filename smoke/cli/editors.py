"""Commands for editors and shells: schemas of the configuration files, and completion."""

import json

import click


@click.command("schema")
@click.argument("file", type=click.Choice(["pyproject.toml", "smoke.toml", "rules.toml"]))
def schema_command(file: str) -> None:
    """
    Print the JSON Schema of FILE, for editors.

    For example, for Taplo: `smoke schema pyproject.toml > smoke.schema.json`.
    """
    from smoke.config.schemas import pyproject, schema

    names = {"smoke.toml": "tool", "rules.toml": "rules"}
    found = schema(names[file]) if file in names else pyproject()
    # SchemaStore requires the address under which it serves a schema.
    identity = f"https://json.schemastore.org/smoke-http-{file.partition('.')[0]}.json"
    print(json.dumps({"$id": identity, **found}, indent=1))


@click.command("completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion_command(shell: str) -> None:
    """
    Print the completion script for SHELL.

    For example: eval "$(smoke completion bash)"
    """
    from click.shell_completion import get_completion_class

    from smoke.cli.main import smoke

    kind = get_completion_class(shell)
    if kind is None:
        raise click.UsageError(f"no completion for {shell}")
    print(kind(smoke, {}, "smoke", "_SMOKE_COMPLETE").source())
