"""`ttsf evaluate`: судить голос; без имени команды - `voice`."""

from __future__ import annotations

from tts_framework.cli.lazy import Command, group

_HERE = "tts_framework.cli.evaluate"
COMMANDS = {
    "voice": Command(
        f"{_HERE}.voice:voice",
        "Measure a voice on held-out clips and hard sentences; the default command."
        " See also: ttsf evaluate train-recognizer --help.",
        (
            "ttsf evaluate --checkpoint best_model.ckpt --data data/voice/test.csv"
            " --sentences ru --out evaluation",
            "ttsf evaluate -c acoustic.ckpt --vocoder hifigan.ckpt --data test.csv"
            " --recognizer recognizer --limit 50 --out evaluation",
            "ttsf evaluate -c acoustic.ckpt --data test.csv --transcriber whisper"
            " --set model=large-v3 --out evaluation --fail-above cer=0.1",
        ),
    ),
    "train-recognizer": Command(
        f"{_HERE}.train_recognizer:train_recognizer",
        "Train a small recognizer on the corpus, the judge of a language without a transcriber.",
        (
            "ttsf evaluate train-recognizer --data data/voice/train.csv"
            " --validation data/voice/validation.csv --out recognizer",
            "ttsf evaluate train-recognizer --data train.csv --validation validation.csv"
            " --frontend characters --epochs 60 --out recognizer",
        ),
    ),
}
app = group(COMMANDS, default="voice", help="Measure a voice, or train the judge of one.")
