"""Плагины: имена — из метаданных пакетов, импорт — только того, что назвали."""

from __future__ import annotations

import difflib
import importlib.util
import re
import traceback
from collections import defaultdict
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import import_module
from importlib.metadata import Distribution, EntryPoint, entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tts_framework import __version__
from tts_framework.errors import PluginError

if TYPE_CHECKING:
    import pluggy

GROUP = "ttsf"
API = "1.0"
"""Версия интерфейсов для плагинов: старшая растёт, когда прежний плагин перестаёт работать,
младшая — когда в интерфейсах появляется новое. Плагин называет ту, для которой написан, в модуле
с хуком: `ttsf_api = "1.0"`; без неё считается написанным для нынешней."""
_HOOK = re.compile(rb"^def ttsf_(\w+)\(", re.MULTILINE)
_API = re.compile(
    rb"""^ttsf_api(?:\s*:\s*\w+)?\s*=\s*["'](\d+)(?:\.(\d+))?[\d.]*["']""", re.MULTILINE
)
_PACKAGES = {
    "cmaes": "cmaes-engine",
    "optuna": "optuna-engine",
    "reference_letters": "tacotron2",
    "silero": "silero-vad",
}
"""Плагины проекта, чей пакет зовётся не `ttsf-ИМЯ`."""
_TYPO = 0.75
"""С этого сходства имя — опечатка в имени установленного, а не плагин, которого ещё нет."""


@dataclass(frozen=True)
class PluginInfo:
    """Что известно о плагине без его импорта; `kinds` читаются из исходного текста модуля."""

    name: str
    kinds: tuple[str, ...]
    distribution: str
    version: str
    module: str
    api: str = ""


class Plugins:
    """Установленные плагины одного запуска; глобального менеджера нет."""

    def __init__(self, installed: list[EntryPoint] | None = None) -> None:
        self._installed = installed

    @cached_property
    def _manager(self) -> pluggy.PluginManager:
        import pluggy

        from tts_framework import hookspecs

        manager = pluggy.PluginManager(GROUP)
        manager.add_hookspecs(hookspecs)
        return manager

    @cached_property
    def _by_name(self) -> dict[str, list[EntryPoint]]:
        found: dict[str, list[EntryPoint]] = defaultdict(list)
        points = entry_points(group=GROUP) if self._installed is None else self._installed
        for point in points:
            if all(point.value != other.value for other in found[point.name]):
                found[point.name].append(point)
        return dict(sorted(found.items()))

    def names(self, kind: str | None = None) -> list[str]:
        """Верни имена плагинов (одного вида, если он назван)."""
        if kind is None:
            return list(self._by_name)
        return [info.name for info in self.infos() if kind in info.kinds]

    def infos(self) -> list[PluginInfo]:
        """Опиши все установленные плагины, ничего из них не выполняя."""
        return [_info(point) for points in self._by_name.values() for point in points]

    def get(self, kind: str, name: str) -> type[Any]:
        """Импортируй один плагин и верни его класс вида `kind`.

        Raises:
            PluginError: имени нет, оно установлено дважды, модуль не импортируется, вид не тот.
        """
        module_name = self._entry_point(kind, name).value.split(":")[0].strip()
        self._check_api(name)
        self._register(kind, name, module_name)
        for impl in getattr(self._manager.hook, f"ttsf_{kind}").get_hookimpls():
            if impl.plugin_name == name:
                try:
                    cls = impl.function()
                except Exception as error:
                    raise _broken(name, f"fails in ttsf_{kind}", error) from error
                return _checked(kind, name, cls)
        kinds = ", ".join(_info(self._by_name[name][0]).kinds) or "no known kind"
        raise PluginError(
            f"{name}: plugin is a {kinds}, not a {kind}; installed {kind}s: "
            + ", ".join(self.names(kind))
        )

    def name_of(self, kind: str, cls: type[Any]) -> str | None:
        """Верни имя установленного плагина, который отдаёт этот класс; None, если его нет."""
        for name in self.names(kind):
            try:
                if self.get(kind, name) is cls:
                    return name
            except PluginError:  # чужой сломанный плагин не мешает узнать исправный
                continue
        return None

    def _entry_point(self, kind: str, name: str) -> EntryPoint:
        points = self._by_name.get(name, [])
        if not points:
            raise PluginError(self._unknown(kind, name))
        if len(points) > 1:
            owners = ", ".join(sorted(_distribution(point)[0] for point in points))
            raise PluginError(f"{name}: plugin is installed twice ({owners}); uninstall one")
        return points[0]

    def _unknown(self, kind: str, name: str) -> str:
        known = self.names(kind)
        close = difflib.get_close_matches(name, known, n=1, cutoff=_TYPO)
        if close and name not in _PACKAGES:
            return f"{name}: no such {kind} plugin; did you mean {close[0]!r}?"
        package = f"ttsf-{_PACKAGES.get(name, name.replace('_', '-'))}"
        return (
            f"{name}: no such {kind} plugin; installed: {', '.join(known) or 'none'};"
            f" try 'pip install {package}'"
        )

    def _check_api(self, name: str) -> None:
        """Сверь версию интерфейсов раньше импорта: плагин для другой версии и не импортируется."""
        info = _info(self._by_name[name][0])
        if not info.api:
            return
        wanted, ours = (tuple(map(int, version.split("."))) for version in (info.api, API))
        written = f"{name}: {info.distribution} {info.version} is written for ttsf API {info.api}"
        here = f"tts-framework {__version__} has API {API}"
        if wanted > ours:
            raise PluginError(f"{written}, {here}; run 'pip install --upgrade tts-framework'")
        if wanted[0] < ours[0]:
            raise PluginError(f"{written}, {here}; run 'pip install --upgrade {info.distribution}'")

    def _register(self, kind: str, name: str, module_name: str) -> None:
        from pluggy import PluginValidationError

        from tts_framework.hookspecs import INTERFACES

        if self._manager.has_plugin(name):
            return
        try:
            module = import_module(module_name)
        except (Exception, SystemExit) as error:
            raise _broken(name, "does not import", error) from error
        self._manager.register(module, name)
        try:
            self._manager.check_pending()
        except PluginValidationError as error:
            self._manager.unregister(name=name)
            hooks = ", ".join(f"ttsf_{kind}" for kind in INTERFACES)
            raise PluginError(f"{name}: {error}; hooks are: {hooks}") from error


def _broken(name: str, what: str, error: BaseException) -> PluginError:
    where = traceback.extract_tb(error.__traceback__)[-1]
    reason = " ".join(f"{type(error).__name__}: {error}".split())
    return PluginError(
        f"{name}: plugin {what}: {reason} ({where.filename}:{where.lineno});"
        " fix or reinstall its package"
    )


def _checked(kind: str, name: str, cls: object) -> type[Any]:
    from tts_framework.hookspecs import INTERFACES

    interface = INTERFACES[kind]
    if not (isinstance(cls, type) and issubclass(cls, interface)):
        raise PluginError(
            f"{name}: hook ttsf_{kind} returned {cls!r}, not a subclass of {interface.__name__}"
        )
    missing = sorted(getattr(cls, "__abstractmethods__", ()))
    if missing:
        raise PluginError(f"{name}: {cls.__name__} does not implement {', '.join(missing)}")
    return cls


def _distribution(point: EntryPoint) -> tuple[str, str]:
    return _named(point.dist) if point.dist else ("?", "?")


@cache  # метаданные разбираются заново при каждом обращении, а плагинов в пакете бывает тридцать
def _named(distribution: Distribution) -> tuple[str, str]:
    metadata = distribution.metadata
    return metadata["Name"], metadata["Version"]


def _info(point: EntryPoint) -> PluginInfo:
    distribution, version = _distribution(point)
    module = point.value.split(":")[0].strip()
    source = _source(module)
    api = _API.search(source)
    written_for = ".".join(part.decode() for part in (api[1], api[2] or b"0")) if api else ""
    kinds = tuple(kind.decode() for kind in _HOOK.findall(source))
    return PluginInfo(point.name, kinds, distribution, version, module, written_for)


def _source(module_name: str) -> bytes:
    """Прочитай исходный текст модуля, не выполняя ни его, ни его пакета; b"" — не нашёлся."""
    top, *rest = module_name.split(".")
    try:
        spec = importlib.util.find_spec(top)
        paths = [Path(spec.origin)] if spec and spec.origin and not rest else []
        for folder in (spec.submodule_search_locations or ()) if spec and rest else ():
            paths += [Path(folder, *rest, "__init__.py"), Path(folder, *rest).with_suffix(".py")]
        return next((path.read_bytes() for path in paths if path.exists()), b"")
    except Exception:  # чужой пакет может сломаться как угодно; список плагинов — не может
        return b""
