"""Исполнение страницы: файлы пишутся, команды выполняются, вывод сверяется."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from blocks import Block, blocks

RunCommand = Callable[[str], tuple[int, str]]


def execute(page: Path, folder: Path, run: RunCommand, project: str = "") -> list[str]:
    """Исполни блоки по порядку; верни выполненные команды. Пути файлов — от `folder/project`."""
    done: list[str] = []
    for block in blocks(page):
        path = block.value("file")
        if path is not None:
            target = folder / project / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(block.text, encoding="utf-8")
        elif block.info.split()[:1] == ["run"]:
            done += _execute(block, run)
    return done


def _execute(block: Block, run: RunCommand) -> list[str]:
    done: list[str] = []
    code, rest = 0, ""
    for line in block.text.splitlines():
        if line.startswith("$ "):
            code, output = run(line[2:])
            rest = " ".join(output.split())
            failed = f"{block.where}: {line[2:]} ended with {code}\n{output}"
            assert (code != 0) == ("fails" in block.info), failed
            done.append(line[2:])
        else:
            wanted = " ".join(line.split())
            found = re.search(re.escape(wanted), rest)
            assert found, f"{block.where}: {wanted!r} is not in the output:\n{rest}"
            rest = rest[found.end() :]
    return done
