"""`ttsf trainer`: чужая программа обучения и договор с ней; модуль команды грузится по выбору."""

from __future__ import annotations

from tts_framework.cli.lazy import Command, group

COMMANDS = {
    "check": Command(
        "tts_framework.cli.trainer.check:check",
        "Prove on your own trainer that it can be tuned: stop, restart, new values, kill.",
        (
            "ttsf trainer check --config run.yaml",
            "ttsf trainer check --config run.yaml --minutes 30 --folder /scratch",
            "ttsf trainer check --config run.yaml --set trainer.iters_per_checkpoint=20 --json",
        ),
    ),
}
app = group(COMMANDS, help="Describe a training program of your own and check it.")


@app.callback()
def _group() -> None:
    """Останься группой: без этого Typer превратил бы единственную команду в саму группу."""
