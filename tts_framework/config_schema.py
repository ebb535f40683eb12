"""JSON Schema файла run.yaml: настройки ядра и options установленных плагинов."""

from __future__ import annotations

from typing import Any

from tts_framework.config import Settings
from tts_framework.errors import PluginError
from tts_framework.plugins import Plugins

SLOTS: dict[tuple[str, ...], str] = {
    ("data", "frontend"): "frontend",
    ("model",): "model",
    ("tuner", "search_algorithm"): "optimizer",
    ("early_stop", "stoppers"): "stopper",
    ("loggers",): "logger",
    ("watchers",): "watcher",
    ("store",): "store",
    ("alerters",): "alerter",
}
"""Ключи, под которыми стоит плагин (или список плагинов), и вид этого плагина."""


def schema(plugins: Plugins) -> dict[str, Any]:
    """Построй схему (Draft 2020-12); плагин, который не импортируется, принимает любые options."""
    root = Settings.model_json_schema()
    root["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    root["title"] = "run.yaml"
    definitions = root["$defs"]
    definitions.pop("Use")
    for kind in dict.fromkeys(SLOTS.values()):
        names = plugins.names(kind)
        branches = [_plugin_schema(plugins, kind, name, definitions) for name in names]
        definitions[kind] = {"anyOf": [{"enum": names}, *branches]}
    for path, kind in SLOTS.items():
        slot = _slot(root, path)
        reference = {"$ref": f"#/$defs/{kind}"}
        if slot.get("type") == "array":
            slot["items"] = reference
        else:
            slot.pop("$ref", None)
            slot |= reference
    return root


def _slot(root: dict[str, Any], path: tuple[str, ...]) -> dict[str, Any]:
    owner = root
    for part in path[:-1]:
        reference = owner["properties"][part]["$ref"]
        owner = root["$defs"][reference.rpartition("/")[2]]
    slot: dict[str, Any] = owner["properties"][path[-1]]
    return slot


def _plugin_schema(
    plugins: Plugins, kind: str, name: str, definitions: dict[str, Any]
) -> dict[str, Any]:
    template = f"{name}.{{model}}"
    try:
        config = plugins.get(kind, name).Config
        found: dict[str, Any] = config.model_json_schema(ref_template=f"#/$defs/{template}")
    except PluginError:
        found = {"type": "object", "properties": {}}
    for inner, definition in found.pop("$defs", {}).items():
        definitions[template.format(model=inner)] = definition
    properties = {"use": {"const": name}, **found.get("properties", {})}
    required = ["use", *found.get("required", [])]
    return {**found, "title": name, "properties": properties, "required": required}
