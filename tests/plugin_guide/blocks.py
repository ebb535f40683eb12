"""Блоки кода руководства: файлы, команды и интерфейсы, и их источник — шаблоны и сам код.

`python tests/plugin_guide/blocks.py` переписывает блоки страниц по шаблонам и интерфейсам.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(
    [*(ROOT / "docs" / "plugins").glob("*.md"), ROOT / "docs" / "en" / "plugin-guide.md"]
)
_BLOCK = re.compile(r"^```(\w+)(?: ([^\n]+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """`file=путь` — содержимое файла, `run` — команды, `interface=Имя` — методы класса."""

    page: Path
    line: int
    language: str
    info: str
    text: str

    @property
    def where(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"

    def value(self, key: str) -> str | None:
        return self.info.removeprefix(f"{key}=") if self.info.startswith(f"{key}=") else None


def blocks(page: Path) -> list[Block]:
    text = page.read_text(encoding="utf-8")
    return [
        Block(page, text[: m.start()].count("\n") + 1, m[1], m[2] or "", m[3])
        for m in _BLOCK.finditer(text)
    ]


def kind_of(page: Path) -> str | None:
    """Верни вид плагина, которому посвящена страница."""
    from tts_framework.testing.project import KINDS

    return page.stem if page.stem in KINDS and page.parent.name == "plugins" else None


def expected(block: Block) -> str | None:
    """Верни, что должно быть в блоке: текст шаблона или интерфейс; None — блок свободный."""
    kind, path, name = kind_of(block.page), block.value("file"), block.value("interface")
    if name is not None:
        return interface(name)
    if kind is not None and path is not None:
        from tts_framework.testing.project import render

        return render(f"my_{kind}", kind)[path]
    return None


def interface(name: str) -> str:
    """Верни объявления публичных методов интерфейса, как они написаны в коде."""
    from tts_framework import components

    cls = getattr(components, name)
    return "\n".join(_declarations(cls)) + "\n"


def _declarations(cls: type[Any]) -> Iterator[str]:
    yield f"class {cls.__name__}({cls.__base__.__name__}):"
    for key, value in cls.__dict__.get("__annotations__", {}).items():
        default = f" = {cls.__dict__[key]!r}" if key in cls.__dict__ else ""
        if not key.startswith("_"):
            yield f"    {key}: {value}{default}"
    for key, member in cls.__dict__.items():
        if key.startswith("_") and key != "__init__" and key != "__call__":
            continue
        abstract = "  # required" if getattr(member, "__isabstractmethod__", False) else ""
        if isinstance(member, property):
            yield "    @property"
            member = member.fget
        elif isinstance(member, classmethod):
            yield "    @classmethod"
            member = member.__func__
        if inspect.isfunction(member):
            yield f"    def {key}{_signature(member)}: ...{abstract}"


def _signature(function: Any) -> str:
    text = str(inspect.signature(function))
    return re.sub(r"(: |-> )'([^']*)'", r"\1\2", text)


def refresh(page: Path) -> bool:
    """Перепиши блоки страницы; верни True, если она изменилась."""
    text = page.read_text(encoding="utf-8")

    def fresh(match: re.Match[str]) -> str:
        block = Block(page, 0, match[1], match[2] or "", match[3])
        wanted = expected(block)
        return match[0] if wanted is None else f"```{match[1]} {match[2]}\n{wanted}```"

    changed = _BLOCK.sub(fresh, text)
    if changed != text:
        page.write_text(changed, encoding="utf-8")
    return changed != text


if __name__ == "__main__":
    for each in PAGES:
        print(each.relative_to(ROOT), "rewritten" if refresh(each) else "fresh")
