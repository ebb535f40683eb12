"""`ttsf data`: от сырых записей до проверенного корпуса; модуль команды импортируется по выбору."""

from __future__ import annotations

from tts_framework.cli.lazy import Command, group

_HERE = "tts_framework.cli.data"
COMMANDS = {
    "prepare": Command(
        f"{_HERE}.prepare:prepare",
        "Turn a folder of recordings into a checked corpus: every step below, in order.",
        (
            "ttsf data prepare raw/ --out data/voice",
            "ttsf data prepare raw/ --out data/voice --language en --frontend characters",
        ),
    ),
    "segment": Command(
        f"{_HERE}.segment:segment",
        "Cut long recordings into clips at pauses.",
        (
            "ttsf data segment raw/ --out data/voice",
            "ttsf data segment raw/ --out data/voice --detector energy --loudness -23",
        ),
    ),
    "transcribe": Command(
        f"{_HERE}.transcribe:transcribe",
        "Write down what is said in the clips, or compare it with the texts they have.",
        (
            "ttsf data transcribe data/voice --use whisper --set model=large-v3 --set language=ru",
            "ttsf data transcribe data/voice --compare",
        ),
    ),
    "review": Command(
        f"{_HERE}.review:app", "See and apply the transcripts set aside for a person."
    ),
    "normalize": Command(
        f"{_HERE}.normalize:normalize",
        "Show how a front end reads a text, stage by stage, or normalize a whole corpus.",
        (
            "ttsf data normalize --text 'В 2024 году на замке висел замок.'",
            "ttsf data normalize data/voice --frontend russian",
        ),
    ),
    "check": Command(
        f"{_HERE}.check:check",
        "Look for defects in the sounds and texts of a corpus and report them.",
        (
            "ttsf data check data/voice",
            "ttsf data check data/voice --fix data/voice_fixed",
        ),
    ),
    "split": Command(
        f"{_HERE}.split:split",
        "Write the lists of training, validation and test clips.",
        ("ttsf data split data/voice --validation 0.05 --test 0.05 --seed 1234",),
    ),
    "version": Command(
        f"{_HERE}.version:app", "Save, list, compare and check out versions of a corpus."
    ),
    "import": Command(
        f"{_HERE}.import_:import_corpus",
        "Turn a corpus of another layout into a corpus folder.",
        (
            "ttsf data import vctk /corpora/VCTK-Corpus --out data/vctk",
            "ttsf data import auto /corpora/unknown --out data/corpus",
        ),
    ),
    "get": Command(
        f"{_HERE}.get:get",
        "Fetch a corpus into wavs/, metadata.csv, train.csv and validation.csv.",
        (
            "ttsf data get ru-nsh --dest data/ru_nsh",
            "ttsf data get ru-nsh --dest data/short --limit 80 --set max_seconds=8",
            "ttsf data get synthetic --dest data/synthetic --limit 200",
            "ttsf data get ljspeech --dest data/lj --url https://example.org/LJSpeech-1.1.tar.bz2",
        ),
    ),
    "list": Command(
        f"{_HERE}.get:list_corpora",
        "List the corpora that can be fetched and the options each takes with --set.",
        ("ttsf data list",),
    ),
}
app = group(COMMANDS, help="Make a corpus: from recordings, from another layout or a ready one.")
