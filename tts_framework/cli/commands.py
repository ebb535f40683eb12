"""Перечень команд: где лежит каждая, что о ней сказать и как её вызывают.

Команды перечислены здесь, а не в своих модулях, чтобы `ttsf --help` не импортировал ни одного.
"""

from __future__ import annotations

from tts_framework.cli.lazy import Command

COMMANDS = {
    "tune": Command(
        "tts_framework.cli.tune:tune",
        "Train a model and tune its hyperparameters while it trains.",
        (
            "ttsf tune --config run.yaml",
            "ttsf tune --config run.yaml --dry-run",
            "ttsf tune --config run.yaml --set tuner.n_trials=10",
        ),
    ),
    "train": Command(
        "tts_framework.cli.train:train",
        "Train a model without tuning, or one stretch of training for a tuner.",
        (
            "ttsf train --config run.yaml",
            "ttsf train --config run.yaml --checkpoint_path output/run/checkpoints/checkpoint_500"
            " --hparams learning_rate=5e-4",
        ),
    ),
    "synthesize": Command(
        "tts_framework.cli.synthesize:synthesize",
        "Turn text into speech with a trained checkpoint.",
        (
            "ttsf synthesize --checkpoint output/run/best_model.ckpt --text 'Привет!' --out hi.wav",
            "ttsf synthesize -c my-voice --vocoder my-vocoder --file book.txt --out book.flac",
            "ttsf synthesize -c voice.ckpt --vocoder vocoder.ckpt --file lines.csv --out said/",
            "ttsf synthesize -c voice.ckpt --vocoder vocoder.ckpt --text 'Привет!' --stream"
            " | aplay -f S16_LE -r 22050",
            "fortune | ttsf synthesize -c voice.ckpt --rate 1.2 --seed 7 --out fortune.ogg",
        ),
    ),
    "vocoder": Command("tts_framework.cli.vocoder:app", "Prepare the training of a vocoder."),
    "evaluate": Command(
        "tts_framework.cli.evaluate:app",
        "Measure a voice on speech it has not heard and on hard sentences.",
    ),
    "data": Command("tts_framework.cli.data:app", "Make a corpus: from recordings or a ready one."),
    "models": Command(
        "tts_framework.cli.models:app", "Find, fetch, import and export trained models."
    ),
    "trainer": Command(
        "tts_framework.cli.trainer:app", "Describe a training program of your own and check it."
    ),
    "history": Command("tts_framework.cli.history:app", "Show or validate a tuning history."),
    "config": Command("tts_framework.cli.config:app", "Check run.yaml or print its JSON Schema."),
    "plugins": Command(
        "tts_framework.cli.plugins:plugins",
        "List the installed plugins without importing any of them.",
        ("ttsf plugins", "ttsf plugins --kind optimizer", "ttsf plugins --json"),
    ),
    "plugin": Command("tts_framework.cli.plugin:app", "Write a plugin or check one."),
    "doctor": Command(
        "tts_framework.cli.doctor:doctor",
        "Tell what this machine has, what it lacks and what to do about each lack.",
        ("ttsf doctor", "ttsf doctor --json"),
    ),
}
EXAMPLES = (
    "ttsf data get ru-nsh --dest data/ru_nsh",
    "ttsf config check run.yaml",
    "ttsf tune --config run.yaml",
    "ttsf synthesize --checkpoint output/run/best_model.ckpt --text 'Привет!' --out hi.wav",
)
