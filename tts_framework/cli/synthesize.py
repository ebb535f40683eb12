"""`ttsf synthesize`: текст -> звук в файл, в папку или в поток."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

if TYPE_CHECKING:
    import numpy as np

    from tts_framework.synthesis.lines import Line
    from tts_framework.synthesis.speaking import Speaking

Checkpoint = Annotated[
    str,
    typer.Option(
        "--checkpoint",
        "-c",
        metavar="PATH|NAME",
        help="A checkpoint of 'ttsf train', an exported folder or the name of a model that"
        " 'ttsf models list' shows as installed.",
    ),
]
Out = Annotated[
    str | None,
    typer.Option(
        "--out",
        "-o",
        help="A .wav, .flac or .ogg file; a folder gets a file per line; '-' streams.",
    ),
]
File = Annotated[
    str | None,
    typer.Option(
        metavar="FILE",
        help="Say its lines, or the rows of a table with columns text and, if any, id, style,"
        " speaker; '-' reads stdin, as does giving neither --text nor --file.",
    ),
]
Vocoder = Annotated[
    str | None,
    typer.Option(
        metavar="PATH|NAME",
        help="What turns mel into audio, not Griffin-Lim; a path or a name, too.",
    ),
]
Style = Annotated[
    str | None, typer.Option(help="A recording to sound like, or token weights: 0.2,0.8,0,...")
]
Rate = Annotated[float, typer.Option(help="Speaking rate, 0.5 (slow) to 2 (fast).")]
Takes = Annotated[
    int, typer.Option("--best-of", help="Keep the most confident of this many takes.")
]
Stream = Annotated[
    bool, typer.Option("--stream", help="Write the sound to standard output while it is said.")
]


def synthesize(
    checkpoint: Checkpoint,
    out: Out = None,
    text: Annotated[str | None, typer.Option(help="What to say.")] = None,
    file: File = None,
    vocoder: Vocoder = None,
    seed: Annotated[int, typer.Option(help="The same seed says it the same way.")] = 0,
    style: Style = None,
    speaker: Annotated[str, typer.Option(help="Who speaks, where a model knows several.")] = "",
    rate: Rate = 1.0,
    best_of: Takes = 1,
    pause: Annotated[float, typer.Option(min=0, max=60, help="Silence between lines, s.")] = 0.3,
    stream: Stream = False,
    stream_format: Annotated[
        Literal["pcm", "wav"], typer.Option(help="pcm is s16le, mono, at the model's rate.")
    ] = "pcm",
    file_format: Annotated[
        Literal["wav", "flac", "ogg"], typer.Option("--format", help="Of the files of a folder.")
    ] = "wav",
    force: Annotated[
        bool, typer.Option("--force", help="Say anew what a folder already holds.")
    ] = False,
    skip_bad: Annotated[
        bool, typer.Option("--skip-bad", help="List the lines that cannot be said and go on.")
    ] = False,
    iterations: Annotated[int, typer.Option(min=1, help="Griffin-Lim iterations.")] = 60,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda or cuda:N.")] = "auto",
    as_json: Annotated[bool, typer.Option("--json", help="Report as JSON, not a table.")] = False,
) -> None:
    """Озвучь текст и скажи, сколько это заняло."""
    import time

    from tts_framework.errors import TTSFError
    from tts_framework.plugins import Plugins
    from tts_framework.synthesis import manner
    from tts_framework.synthesis.chain import open_chain
    from tts_framework.synthesis.speaking import Speaking
    from tts_framework.zoo.store import located

    streams = stream or out == "-"
    path = None if out in (None, "-") else Path(str(out))
    if path is None and not streams:
        raise TTSFError("--out: is missing; name a file or a folder, or add --stream")
    asked = manner.Manner(seed, manner.style(style or ""), speaker, rate, best_of)
    lines = _lines(text, file)
    voice_path = located(checkpoint, "--checkpoint")
    vocoder_path = None if vocoder is None else located(vocoder, "--vocoder")
    if path is not None and not _is_folder(str(out), path):
        from tts_framework.synthesis.to_file import require_writable

        require_writable(path)
    started = time.perf_counter()
    chain = open_chain(voice_path, vocoder_path, device, Plugins(), iterations)
    chain.require(asked)
    speaking = Speaking(chain, asked, time.perf_counter() - started, pause, _warn)
    if streams:
        _to_stream(speaking, lines, path, stream_format, skip_bad, as_json)
    elif _is_folder(str(out), path := Path(str(out))):
        voices = [voice for voice in (voice_path, vocoder_path) if voice]
        _to_folder(speaking, list(lines), path, f".{file_format}", voices, force, skip_bad, as_json)
    else:
        _to_file(speaking, lines, path, skip_bad, as_json)


def _to_file(
    speaking: Speaking, lines: Iterable[Line], out: Path, skip_bad: bool, as_json: bool
) -> None:
    from tts_framework.cli.progress import bars
    from tts_framework.synthesis.to_file import to_file

    with bars() as progress:
        ready = speaking.all_ready(lines, skip_bad, progress)
        seconds = to_file(speaking, ready, out, progress)
    said = f"{out}: {seconds:.2f} s of speech at {speaking.sampling_rate} Hz"
    _report(speaking, said, as_json, out=str(out))


def _to_folder(
    speaking: Speaking,
    lines: list[Line],
    out: Path,
    suffix: str,
    voices: list[Path],
    force: bool,
    skip_bad: bool,
    as_json: bool,
) -> None:
    from tts_framework.cli.progress import bars
    from tts_framework.synthesis.to_folder import Folder
    from tts_framework.synthesis.voices import identity

    folder = Folder(out, suffix, [identity(voice) for voice in voices], force)
    jobs, kept = folder.jobs(lines, speaking.manner)
    with bars() as progress:
        ready = speaking.all_ready([job.line for job in jobs], skip_bad, progress)
        by_place = {job.line.where: job for job in jobs}
        work = [(by_place[item.line.where], item) for item in ready]
        seconds = folder.fill(speaking, work, progress)
    said = f"{out}: {len(work)} file(s) written, {seconds:.2f} s of speech"
    if kept:
        said += f"; {kept} already there kept, --force says them anew"
    _report(speaking, said, as_json, out=str(out), written=len(work), kept=kept)


def _to_stream(
    speaking: Speaking,
    lines: Iterable[Line],
    out: Path | None,
    form: Any,
    skip_bad: bool,
    as_json: bool,
) -> None:
    from tts_framework.synthesis.to_stream import standard_output, to_stream
    from tts_framework.synthesis.writing import write

    kept: list[np.ndarray] | None = None if out is None else []
    first = 0.0
    for name in speaking.chain.waits_for(speaking.manner):
        _warn(
            f"note: --{name.replace('_', '-')} needs whole phrases: the first sound waits for one"
        )
    try:
        with standard_output() as sound:
            first = to_stream(speaking, speaking.each_ready(lines, skip_bad), sound, form, kept)
    except BrokenPipeError:  # слушатель ушёл: он услышал, что хотел
        return
    if out is not None and kept is not None:
        write(out, kept, speaking.sampling_rate)
    rate = speaking.sampling_rate
    said = f"streamed mono s16le at {rate} Hz (ffplay -f s16le -ar {rate} -i -)"
    _report(speaking, said, as_json, err=True, first_audio=first, out=str(out or "-"))


def _report(
    speaking: Speaking,
    said: str,
    as_json: bool,
    *,
    err: bool = False,
    first_audio: float | None = None,
    **more: Any,
) -> None:
    from tts_framework.synthesis.report import summary, to_dict

    total = summary(speaking.rows, speaking.loading, speaking.sampling_rate, first_audio)
    if as_json:
        import json

        document = to_dict(speaking.rows, total, **more)
        typer.echo(json.dumps(document, ensure_ascii=False, allow_nan=False), err=err)
        return
    if speaking.rows:
        from tts_framework.cli.speech_table import show

        show(speaking.rows, total, err=err)
        said += f" (real-time factor {total.rtf:.2f})"
    typer.echo(said, err=err)


def _lines(text: str | None, file: str | None) -> Iterable[Line]:
    from tts_framework.errors import TTSFError
    from tts_framework.synthesis import lines

    if text is not None and file is not None:
        raise TTSFError("give exactly one of --text and --file ('--file -' reads stdin)")
    if text is not None:
        return lines.of_text(text)
    if file not in (None, "-"):
        return lines.of_file(Path(str(file)))
    if file is None and sys.stdin.isatty():
        raise TTSFError("there is nothing to say; give --text, --file or pipe some text in")
    return lines.of_stream(sys.stdin.buffer)


def _is_folder(given: str, path: Path) -> bool:
    """Папка - то, что ею уже является, кончается чертой или не имеет суффикса."""
    return path.is_dir() or given.endswith("/") or not path.suffix


def _warn(text: str) -> None:
    typer.echo(text, err=True)
