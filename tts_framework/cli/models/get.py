"""`ttsf models get`."""

from __future__ import annotations

from typing import Annotated

import typer

from tts_framework.cli.models.listing import Indexes, Offline


def get(
    name: Annotated[str, typer.Argument(help="A name that 'ttsf models list' shows.")],
    index: Indexes = None,
    offline: Offline = False,
    force: Annotated[bool, typer.Option("--force", help="Replace the installed one.")] = False,
) -> None:
    """Скачай, проверь и поставь модель; прерванное продолжается той же командой."""
    from tts_framework.cli.progress import bars
    from tts_framework.plugins import Plugins
    from tts_framework.zoo.fetching import fetch
    from tts_framework.zoo.importing import Wanted, import_model
    from tts_framework.zoo.index import find, load
    from tts_framework.zoo.store import path_of, require_free

    listed = find(load(index or (), offline=offline), name)
    require_free(name, force)
    entry, plugins = listed.entry, Plugins()
    plugins.get("model", entry.plugin)
    wanted = Wanted(name, entry.plugin, language=entry.language, licence=entry.licence, force=force)
    with bars() as progress:
        path = fetch(listed, offline=offline, progress=progress)
        import_model(path, wanted, plugins, progress)
    typer.echo(f"{name}: {entry.plugin}, licence {entry.licence}, at {path_of(name)}")
