"""`ttsf models`: зоопарк; модуль команды импортируется по выбору."""

from __future__ import annotations

from tts_framework.cli.lazy import Command, group

_HERE = "tts_framework.cli.models"
COMMANDS = {
    "list": Command(
        f"{_HERE}.listing:list_models",
        "List the models of the indexes and the installed ones.",
        ("ttsf models list", "ttsf models list --index https://example.org/models.yaml --json"),
    ),
    "show": Command(
        f"{_HERE}.listing:show",
        "Show everything that is known about a model.",
        ("ttsf models show ru-vocoder",),
    ),
    "get": Command(
        f"{_HERE}.get:get",
        "Download a model of the index, verify its sha256 and install it.",
        (
            "ttsf models get ru-vocoder",
            "ttsf models get ru-vocoder --index team.yaml --offline",
        ),
    ),
    "import": Command(
        f"{_HERE}.import_:import_model",
        "Install a model from a file: a checkpoint, a reference one, an archive, an ONNX voice.",
        (
            "ttsf models import output/run/best_model.ckpt --name my-voice",
            "ttsf models import LJ_V1.zip --name lj-vocoder",
            "ttsf models import tacotron2_statedict.pt --name lj",
            "ttsf models import taco.pt --name ru --frontend russian_letters --audio"
            " sampling_rate=16000",
        ),
    ),
    "export": Command(
        f"{_HERE}.export:export",
        "Turn a checkpoint or an installed model into ONNX or the reference's files.",
        (
            "ttsf models export my-voice --format onnx --out my_voice_onnx",
            "ttsf models export output/run/best_model.ckpt --format reference --out reference",
        ),
    ),
}
app = group(COMMANDS, help="Find, fetch, import and export trained models.")
