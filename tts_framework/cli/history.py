"""`ttsf history`: показать путь запуска или проверить его файл."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, help="Show or validate a tuning history.")


@app.command(epilog="Example: ttsf history show output/ru-nsh")
def show(
    run: Annotated[Path, typer.Argument(help="The run's folder, as output/ru-nsh.")],
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the history as JSON instead of a tree.")
    ] = False,
) -> None:
    """Draw the tree of trials: ● is the committed lineage, ○ was left behind."""
    import json

    from rich.console import Console

    from tts_framework.cli.trial_table import trial_tree
    from tts_framework.smart_tuner import history

    store = history.open_store(run)
    try:
        if as_json:
            typer.echo(json.dumps(history.read(store), ensure_ascii=False, indent=1))
        else:
            Console(highlight=False, soft_wrap=True).print(trial_tree(history.recall(store)))
    finally:
        store.close()


@app.command(epilog="Example: ttsf history validate output/ru-nsh/tuning_history.json")
def validate(
    file: Annotated[Path, typer.Argument(help="A tuning_history.json.")],
) -> None:
    """Check a history against its JSON Schema and for a consistent tree."""
    from tts_framework.errors import ConfigError
    from tts_framework.smart_tuner import history

    if problems := history.problems(file):
        raise ConfigError(problems)
    typer.echo(f"{file}: valid")
