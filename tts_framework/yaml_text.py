"""Разбор текста YAML в простые данные с местом каждого ключа; любой текст — данные или проблемы."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tts_framework.errors import ConfigError
from tts_framework.problems import KeyPath, shown

_TAG = "tag:yaml.org,2002:"
MAX_DEPTH = 40


@dataclass
class Document:
    """Данные файла, место каждого ключа и проблемы, найденные при разборе."""

    data: Any
    origins: dict[KeyPath, str]
    problems: list[tuple[KeyPath, str]] = field(default_factory=list)

    def forget(self, path: KeyPath) -> None:
        """Забудь места ключа и всего, что под ним: значение заменено целиком."""
        for known in [known for known in self.origins if known[: len(path)] == path]:
            del self.origins[known]


def parse(text: str, source: str, *, numbered: bool = True) -> Document:
    """Разбери текст; `numbered=False` — кусок командной строки, любой вид значения и без строк.

    Raises:
        ConfigError: текст — не YAML (одна строка с местом ошибки).
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    try:
        root = YAML(typ="safe", pure=True).compose(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"{source}:{mark.line + 1}" if numbered and mark else source
        what = " ".join(str(error.problem or error.context).split())
        raise ConfigError([f"{where}: not YAML: {what}"]) from None
    except YAMLError as error:
        raise ConfigError([f"{source}: not YAML: {str(error).splitlines()[0]}"]) from None
    except (RecursionError, ValueError, AttributeError, AssertionError, IndexError) as error:
        # разборщик ruamel не на всякий мусор отвечает YAMLError
        raise ConfigError([f"{source}: not YAML: {type(error).__name__}"]) from None
    walk = _Walk(source, numbered)
    data = walk.value(root, ()) if root is not None else None
    if numbered:
        data = walk.mapping(data)
    return Document(data, walk.origins, walk.problems)


class _Walk:
    """Обход дерева узлов ruamel: строит данные и помнит места."""

    def __init__(self, source: str, numbered: bool) -> None:
        self.source, self.numbered = source, numbered
        self.origins: dict[KeyPath, str] = {(): source}
        self.problems: list[tuple[KeyPath, str]] = []
        self._seen: set[int] = set()

    def value(self, node: Any, path: KeyPath) -> Any:
        if id(node) in self._seen:
            self._problem(path, "aliases (*name) are not supported; repeat the value")
            return None
        self._seen.add(id(node))
        if len(path) > MAX_DEPTH:
            self._problem(path[:3], f"nested deeper than {MAX_DEPTH} levels")
            return None
        kind = type(node).__name__
        if kind == "ScalarNode":
            return self._scalar(node, path)
        if kind == "SequenceNode":
            return [self._item(child, (*path, i)) for i, child in enumerate(node.value)]
        return self._pairs(node, path)

    def mapping(self, data: Any) -> dict[str, Any]:
        """Верни разделы файла; пустой файл — пустой словарь."""
        if data is None or isinstance(data, dict):
            return data or {}
        self._problem((), f"expected sections such as 'data:' and 'tuner:', got {shown(data)}")
        return {}

    def _item(self, node: Any, path: KeyPath) -> Any:
        self._place(node, path)
        return self.value(node, path)

    def _pairs(self, node: Any, path: KeyPath) -> dict[str, Any]:
        data: dict[str, Any] = {}
        for key_node, child in node.value:
            if type(key_node).__name__ != "ScalarNode":
                self._problem(path, "a key must be plain text, not a list or a mapping")
                continue
            key = str(key_node.value)
            if key in data:
                first = self.origins[(*path, key)]
                self._place(key_node, (*path, key))
                self._problem((*path, key), f"given twice (first at {first}); keep one")
                continue
            self._place(key_node, (*path, key))
            data[key] = self.value(child, (*path, key))
        return data

    def _scalar(self, node: Any, path: KeyPath) -> Any:
        tag = str(node.tag).removeprefix(_TAG)
        text = str(node.value)
        if tag not in ("null", "bool", "int", "float", "str", "timestamp"):
            self._problem(path, f"tag {tag} is not supported; remove it")
            return None
        if tag == "null":
            return None
        if tag == "bool":
            return text.lower() == "true" if text.lower() in ("true", "false") else text
        return _number(text) if tag in ("int", "float") else text

    def _place(self, node: Any, path: KeyPath) -> None:
        line = node.start_mark.line + 1
        self.origins[path] = f"{self.source}:{line}" if self.numbered else self.source

    def _problem(self, path: KeyPath, text: str) -> None:
        self.problems.append((path, text))


def _number(text: str) -> int | float | str:
    """Прочитай число; `1e-5` — число, как в YAML 1.2, а не строка, как в 1.1."""
    for read in (int, _prefixed, float):
        try:
            return read(text)
        except ValueError:
            continue
    special = {".inf": float("inf"), ".nan": float("nan")}
    sign = -1 if text.startswith("-") else 1
    return sign * special[name] if (name := text.lstrip("+-").lower()) in special else text


def _prefixed(text: str) -> int:
    return int(text, 0)
