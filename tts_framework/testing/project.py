"""Новый проект плагина из шаблонов, которые лежат в колесе: `ttsf plugin new`."""

from __future__ import annotations

import keyword
import os
import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import distribution
from importlib.resources import files
from pathlib import Path
from typing import Any

from tts_framework.errors import TTSFError
from tts_framework.plugins import API, GROUP, Plugins

_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_LONGEST = 40
_LICENCE = (
    "Licensed under the Apache License, Version 2.0: http://www.apache.org/licenses/LICENSE-2.0\n"
)
_CORE = "tts-framework>=0.1,<1"


@dataclass(frozen=True)
class Kind:
    """Чем проекты одного вида отличаются: файлы реализации, зависимости, options для README."""

    summary: str
    modules: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    test_needs: tuple[str, ...] = ()
    options: tuple[tuple[str, str, str], ...] = ()


KINDS: Mapping[str, Kind] = {
    "optimizer": Kind(
        "Jumps around the best point so far, less and less far",
        ("search",),
        options=(
            ("spread", "0.3", "first jump, a share of each axis"),
            ("shrink", "0.9", "each decision multiplies the jump"),
        ),
    ),
    "model": Kind(
        "Learns the average mel frame of each symbol",
        ("session", "state", "voice"),
        ("numpy>=1.26",),
        ("tts-framework[synthetic]",),
        (
            ("learning_rate", "0.3", "step of gradient descent; tunable"),
            ("weight_decay", "1e-3", "pull of the weights to zero; tunable"),
        ),
    ),
    "watcher": Kind(
        "Follows a trainer that writes JSON lines",
        ("following",),
        options=(
            ("files", "`*.jsonl`", "mask of file names"),
            ("step", "step", "key that holds the step"),
        ),
    ),
    "store": Kind("Keeps a run in two files of JSON lines", ("lines",)),
    "stopper": Kind(
        "Stops when the objective is good enough",
        options=(("goal", "required", "value of the objective that is good enough"),),
    ),
    "alerter": Kind(
        "Posts events as JSON to a webhook",
        ("webhook",),
        options=(
            ("url", "required", "address of the webhook, a secret: write `${NAME}`"),
            ("timeout_seconds", "10", "wait for the server, s"),
            ("quiet_seconds", "60", "group events for so long, s"),
        ),
    ),
    "transcriber": Kind(
        "Asks any recognizer that is a program",
        ("program",),
        ("numpy>=1.26",),
        ("tts-framework[synthetic]",),
        (
            ("command", "required", "command; `{wav}` stands for the path of the clip"),
            ("timeout_seconds", "60", "longest wait for one clip, s"),
        ),
    ),
    "frontend": Kind(
        "Reads letters and punctuation of one language",
        options=(
            ("letters", "a to z", "letters, each once"),
            ("replace", "{}", "what to write instead of a sign"),
        ),
    ),
}
"""Виды, для которых есть шаблон."""


def create(name: str, kind: str, folder: Path) -> list[Path]:
    """Напиши проект плагина в новую папку `folder/ttsf-<имя>`; верни её файлы.

    Raises:
        TTSFError: имя не годится или занято, вида нет, папка уже есть.
    """
    _check(name, kind)
    project = folder / f"ttsf-{name.replace('_', '-')}"
    if os.path.lexists(project):
        raise TTSFError(f"{project}: already exists; choose another name or --dir")
    texts = render(name, kind)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".ttsf-new-", dir=folder) as draft:
            for relative, text in texts.items():
                path = Path(draft, project.name, relative)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
            os.rename(Path(draft, project.name), project)
    except OSError as error:
        raise TTSFError(f"{project}: {error.strerror or error}; choose another --dir") from error
    return sorted(project / relative for relative in texts)


def render(name: str, kind: str) -> dict[str, str]:
    """Верни тексты проекта по относительным путям."""
    module, spec = f"ttsf_{name}", KINDS[kind]
    source = f"src/{module}"
    common, own = "common", kind
    names = {
        "pyproject.toml": (common, "pyproject.toml"),
        "README.md": (common, "README.md"),
        "CHANGELOG.md": (common, "CHANGELOG.md"),
        ".gitignore": (common, "gitignore"),
        ".github/workflows/ci.yml": (common, "ci.yml"),
        f"{source}/__init__.py": (own, "front.py"),
        "tests/test_contract.py": (own, "test_contract.py"),
        **{f"{source}/{part}.py": (own, f"{part}.py") for part in spec.modules},
    }
    if _exists(own, "example.yaml"):
        names["example.yaml"] = (own, "example.yaml")
    values = _values(name, kind)
    texts = {path: _rendered(*where, values) for path, where in names.items()}
    return {**texts, f"{source}/py.typed": "", "LICENSE": _licence()}


def _check(name: str, kind: str) -> None:
    if kind not in KINDS:
        raise TTSFError(f"--kind {kind}: no template for it; kinds are {', '.join(KINDS)}")
    short = name.removeprefix("ttsf_").removeprefix("ttsf-").replace("-", "_").lower()
    if not _NAME.fullmatch(name) or keyword.iskeyword(name) or len(name) > _LONGEST:
        good = _NAME.fullmatch(short) and not keyword.iskeyword(short) and len(short) <= _LONGEST
        advice = f"try {short!r}" if good and short != name else "try 'my_plugin'"
        raise TTSFError(
            f"{name!r}: is not a name of a plugin: lower-case letters, digits and single"
            f" underscores, at most {_LONGEST}; {advice}"
        )
    if name.startswith("ttsf_"):
        raise TTSFError(f"{name}: the package adds 'ttsf_' by itself; try {short!r}")
    taken = [info for info in Plugins().infos() if info.name == name]
    if taken:
        raise TTSFError(
            f"{name}: is taken by {taken[0].distribution} {taken[0].version}; choose another name"
        )


def _values(name: str, kind: str) -> dict[str, Any]:
    spec = KINDS[kind]
    needs = sorted(["pydantic>=2.9", _CORE, *spec.needs])
    usage = _rendered(kind, "usage.yaml", {"name": name, "variable": name.upper()})
    return {
        "name": name,
        "kind": kind,
        "group": GROUP,
        "api": API,
        "cls": "".join(part.capitalize() for part in name.split("_")),
        "module": f"ttsf_{name}",
        "distribution": f"ttsf-{name.replace('_', '-')}",
        "variable": name.upper(),
        "summary": spec.summary,
        "options": spec.options,
        "dependencies": ", ".join(f'"{need}"' for need in needs),
        "test_dependencies": ", ".join(f'"{n}"' for n in sorted(["pytest>=8.3", *spec.test_needs])),
        "usage": usage.strip(),
    }


def _rendered(folder: str, name: str, values: Mapping[str, Any]) -> str:
    from jinja2 import Environment, StrictUndefined

    environment = Environment(
        variable_start_string="<<",
        variable_end_string=">>",
        block_start_string="<%",
        block_end_string="%>",
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        autoescape=False,
    )
    text = _template(folder, name).read_text(encoding="utf-8")
    return environment.from_string(text).render(**values)


def _template(folder: str, name: str) -> Any:
    return files("tts_framework.testing") / "templates" / folder / f"{name}.jinja"


def _exists(folder: str, name: str) -> bool:
    return bool(_template(folder, name).is_file())


def _licence() -> str:
    return distribution("tts-framework").read_text("licenses/LICENSE") or _LICENCE
