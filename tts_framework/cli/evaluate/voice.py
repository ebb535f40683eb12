"""`ttsf evaluate`: голос по проверочным записям и трудным фразам."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tts_framework.errors import ExitCode

if TYPE_CHECKING:
    from tts_framework.evaluation.judges import Judge

Repeated = list[str] | None


def voice(
    checkpoint: Annotated[
        Path, typer.Option("--checkpoint", "-c", help="A checkpoint that 'ttsf train' wrote.")
    ],
    out: Annotated[
        Path, typer.Option("--out", "-o", help="Folder of the report; running again continues.")
    ],
    vocoder: Annotated[
        Path | None,
        typer.Option(help="A checkpoint of a model that maps mel to audio, not Griffin-Lim."),
    ] = None,
    data: Annotated[
        Path | None, typer.Option(help="List 'path|text' of clips the voice has not been taught.")
    ] = None,
    sentences: Annotated[
        str, typer.Option(help="Hard sentences: ru, en, a text file, none; auto: as the list is.")
    ] = "auto",
    transcriber: Annotated[
        str, typer.Option(help="Judge of intelligibility: whisper, pocketsphinx, ..., none, auto.")
    ] = "auto",
    options: Annotated[
        Repeated,
        typer.Option("--set", metavar="KEY=VALUE", help="Option of the transcriber; repeatable."),
    ] = None,
    recognizer: Annotated[
        Path | None, typer.Option(help="Folder of 'ttsf evaluate train-recognizer', as a judge.")
    ] = None,
    limit: Annotated[
        int | None, typer.Option(min=1, help="So many clips, evenly taken from the list.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="The same seed says it the same way.")] = 0,
    iterations: Annotated[int, typer.Option(min=1, help="Griffin-Lim iterations.")] = 60,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda or cuda:N.")] = "cpu",
    fail_above: Annotated[
        Repeated,
        typer.Option(metavar="[ROW.]METRIC=VALUE", help="Fail when it is above; repeatable."),
    ] = None,
    fail_below: Annotated[
        Repeated,
        typer.Option(metavar="[ROW.]METRIC=VALUE", help="Fail when it is below; repeatable."),
    ] = None,
    skip_bad: Annotated[
        bool, typer.Option("--skip-bad", help="Leave bad clips and sentences out and list them.")
    ] = False,
    allow_outside: Annotated[
        bool,
        typer.Option("--allow-outside", help="Accept paths that lead out of the list's folder."),
    ] = False,
) -> None:
    """Measure a voice: distances to real speech, intelligibility, attention, failures."""
    from tts_framework.cli.evaluate.report import print_report
    from tts_framework.cli.progress import bars
    from tts_framework.evaluation import describing, document, page, run
    from tts_framework.evaluation.limits import limits
    from tts_framework.plugins import Plugins
    from tts_framework.synthesis.chain import open_chain

    bounds = limits(fail_above or [], fail_below or [])
    items, _ = run.texts_of(data, sentences, limit, allow_outside)
    judges, unmeasured = _judges(transcriber, options, recognizer, items)
    chain = open_chain(checkpoint, vocoder, device, Plugins(), iterations)
    request = run.Request(
        chain,
        describing.describe(chain, checkpoint, vocoder, iterations),
        out,
        data=data,
        sentences=sentences,
        judges=tuple(judges),
        limit=limit,
        seed=seed,
        skip_bad=skip_bad,
        allow_outside=allow_outside,
        unmeasured=unmeasured,
    )
    try:
        with bars() as progress:
            evaluation = run.evaluate(request, progress, lambda text: typer.echo(text, err=True))
            document.write_document(evaluation, out / document.NAME)
            page.write_page(evaluation, out / page.NAME, progress)
    except KeyboardInterrupt:
        typer.echo("stopped; what is measured is kept, the same command continues", err=True)
        raise typer.Exit(ExitCode.INTERRUPTED) from None
    print_report(evaluation)
    typer.echo(f"details: {out / page.NAME} and {out / document.NAME}")
    broken = [text for bound in bounds if (text := bound.broken(evaluation.summary()))]
    for text in broken:
        typer.echo(f"failed: {text}", err=True)
    if broken:
        raise typer.Exit(ExitCode.USER)


def _judges(
    name: str, options: Repeated, recognizer: Path | None, items: list[Any]
) -> tuple[list[Judge], dict[str, str]]:
    """Выбери судей: названных; без имени - расшифровщик языка, если нет распознавателя."""
    from tts_framework.cli.part import chosen
    from tts_framework.errors import ConfigError
    from tts_framework.evaluation import choosing
    from tts_framework.evaluation.items import language_of
    from tts_framework.plugins import Plugins

    if options and name in ("auto", "none"):
        raise ConfigError([f"--set {options[0]}: name the transcriber too: --transcriber"])
    found: list[Judge] = []
    if name not in ("auto", "none"):
        cls, config = chosen("transcriber", name, options)
        found.append(choosing.named(name, cls(config)))
    if recognizer is not None:
        found.append(choosing.trained(recognizer))
    if found or name == "none":
        return found, {} if found else {"cer": "no judge was asked for"}
    found, reason = choosing.fitting(language_of(items), Plugins())
    return found, {} if found else {"cer": reason}
