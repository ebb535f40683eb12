"""`ttsf data segment`: разрезать длинные записи на клипы."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from tts_framework.speech.segmenting import SegmentSettings, Summary

DEFAULT = "silero"


def segment(
    raw: Annotated[Path, typer.Argument(help="Folder of recordings, or one recording.")],
    out: Annotated[Path, typer.Option(help="Folder of the corpus; running again continues.")],
    detector: Annotated[
        str, typer.Option(help="Voice activity detector: silero, energy.")
    ] = DEFAULT,
    options: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Option of the detector; repeatable."),
    ] = None,
    rate: Annotated[int, typer.Option(help="Sample rate of the clips, Hz.")] = 22050,
    min_seconds: Annotated[float, typer.Option(help="Join clips shorter than this.")] = 2.0,
    max_seconds: Annotated[float, typer.Option(help="Split clips longer than this.")] = 12.0,
    margin: Annotated[float, typer.Option(help="Silence kept at the edges, s.")] = 0.1,
    min_pause: Annotated[float, typer.Option(help="Avoid cutting in shorter pauses, s.")] = 0.2,
    max_pause: Annotated[float, typer.Option(help="Never join across longer pauses, s.")] = 1.0,
    loudness: Annotated[
        float | None, typer.Option(help="Bring clips to this loudness (EBU R128), LUFS.")
    ] = None,
    workers: Annotated[
        int | None, typer.Option(min=1, help="Processes; as many as cores by default.")
    ] = None,
    skip_bad: Annotated[bool, typer.Option(help="Leave bad recordings out and succeed.")] = False,
    redo: Annotated[bool, typer.Option(help="Cut again if the settings have changed.")] = False,
) -> None:
    """Cut long recordings into clips at pauses."""
    from tts_framework.cli.part import chosen
    from tts_framework.cli.progress import bars
    from tts_framework.errors import DataError
    from tts_framework.speech.segmenting import SegmentSettings, maker
    from tts_framework.speech.segmenting import segment as cut

    settings = SegmentSettings.checked(
        rate=rate,
        min_seconds=min_seconds,
        max_seconds=max_seconds,
        margin=margin,
        min_pause=min_pause,
        max_pause=max_pause,
        loudness=loudness,
    )
    _require(detector)
    cls, config = chosen("detector", detector, options)
    with bars() as progress:
        summary = cut(raw, out, settings, maker(cls, config), progress, workers, redo)
    _summarize(out, summary, settings)
    if summary.problems and not skip_bad:
        count = len(summary.problems)
        last = f"{raw}: {count} bad, the rest is segmented; fix them or add --skip-bad"
        raise DataError([*summary.problems, last])
    for problem in summary.problems:
        typer.echo(f"left out: {problem}", err=True)


def _require(detector: str) -> None:
    """Скажи, какой пакет поставить, если детектора по умолчанию нет.

    Raises:
        PluginError: плагин `silero` не установлен.
    """
    from tts_framework.errors import PluginError
    from tts_framework.plugins import Plugins

    if detector == DEFAULT and DEFAULT not in Plugins().names():
        raise PluginError(
            f"--detector {DEFAULT}: not installed; pip install ttsf-silero-vad or use"
            " --detector energy"
        )


def _summarize(out: Path, summary: Summary, settings: SegmentSettings) -> None:
    typer.echo(
        f"{out}: {summary.clips} clips, {summary.seconds / 60:.1f} min of"
        f" {summary.raw_seconds / 60:.1f} min, from {summary.sources} recording(s)"
    )
    notes = {
        f"{summary.ready} recording(s) were ready before": summary.ready,
        f"{summary.removed} recording(s) are gone and their clips removed": summary.removed,
        f"{summary.short} clip(s) are shorter than {settings.min_seconds:g} s": summary.short,
        f"{summary.long} clip(s) are longer than {settings.max_seconds:g} s": summary.long,
        f"{summary.left_out:.0f} s without a single pause are left out": summary.left_out,
        f"{summary.low_rate} recording(s) are below {settings.rate} Hz": summary.low_rate,
        f"{summary.others} file(s) are not recordings": summary.others,
    }
    for note, count in notes.items():
        if count:
            typer.echo(f"note: {note}")
    typer.echo(f"next: ttsf data transcribe {out}")
