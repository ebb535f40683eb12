"""`ttsf vocoder`: подготовка вокодера; модуль команды импортируется по выбору."""

from __future__ import annotations

from tts_framework.cli.lazy import Command, group

COMMANDS = {
    "export-mels": Command(
        "tts_framework.cli.vocoder.export_mels:export_mels",
        "Retell clips with an acoustic model under teacher forcing, to tune a vocoder on its mels.",
        (
            "ttsf vocoder export-mels --checkpoint output/run/best_model.ckpt"
            " --data data/ru_nsh/train.csv --data data/ru_nsh/validation.csv --out output/mels",
            "ttsf train --config vocoder.yaml  # with model: {use: hifigan, mels: output/mels}",
        ),
    ),
}
app = group(COMMANDS, help="Prepare the training of a vocoder.")


@app.callback()
def _options() -> None:
    """Оставь группу группой, пока команда в ней одна."""
