"""`ttsf config`: проверка run.yaml и его JSON Schema."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    no_args_is_help=True,
    help="Check run.yaml or print its JSON Schema.",
    epilog="Examples:\n\nttsf config check run.yaml\n\nttsf config schema --out run.schema.json",
)


@app.command(help="Check a file as 'ttsf tune' would, and print the plan.")
def check(
    file: Annotated[Path, typer.Argument(help="The run's YAML file.", show_default=False)],
    overrides: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Override one key; may be repeated."),
    ] = None,
) -> None:
    """Проверь файл целиком и покажи план."""
    from tts_framework import config_file, plan
    from tts_framework.cli.progress import bars
    from tts_framework.plugins import Plugins

    with bars() as progress:
        made = plan.from_file(config_file.read(file, overrides or ()), Plugins(), progress)
    typer.echo(plan.describe(made))
    typer.echo(f"{file}: no problems")


@app.command(help="Print the JSON Schema of run.yaml, with the options of installed plugins.")
def schema(
    out: Annotated[Path | None, typer.Option(help="Write to this file instead.")] = None,
) -> None:
    """Выведи схему; редакторы с ней подсказывают ключи."""
    import json

    from tts_framework import config_schema
    from tts_framework.files import write_text
    from tts_framework.plugins import Plugins

    text = json.dumps(config_schema.schema(Plugins()), indent=2, ensure_ascii=False) + "\n"
    if out is None:
        typer.echo(text, nl=False)
    else:
        write_text(out, text)
        typer.echo(f"{out}: written")
