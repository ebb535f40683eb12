"""Языки, которые знает установленная espeak-ng: читаются из её данных, библиотека не нужна."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

_DICTIONARY = re.compile(r"^dictionary\s+(\S+)", re.M)
_LANGUAGE = re.compile(r"^language\s+(\S+)", re.M)


_CRASHING = frozenset({"kl"})
"""Эти данные espeak-ng 1.52 роняют процесс (SIGSEGV) на обычном тексте."""


def require(language: str) -> str:
    """Верни язык, если espeak-ng его знает.

    Raises:
        ValueError: такого языка нет; названы похожие.
    """
    from difflib import get_close_matches

    known = languages()
    if known and language.lower() not in known:
        near = get_close_matches(language.lower(), known, 3, 0.5)
        hint = f"did you mean {', '.join(near)}?" if near else f"it has {', '.join(sorted(known))}"
        raise ValueError(f"espeak-ng has no language {language!r}; {hint}")
    return language.lower()


def voice(language: str) -> str:
    """Верни имя голоса, по которому библиотека находит язык: путь файла `gmw/en-US`."""
    return languages().get(language, language)


@cache
def languages() -> dict[str, str]:
    """Верни голоса по языкам; пусто, если пакета espeakng-loader нет."""
    try:
        import espeakng_loader
    except ImportError:
        return {}
    data = Path(espeakng_loader.get_data_path())
    voices: dict[str, str] = {}
    for file in sorted((data / "lang").rglob("*")):
        if file.is_file():
            text = file.read_text("utf-8", "replace")
            found = [name.lower() for name in _LANGUAGE.findall(text)]
            dictionaries = _DICTIONARY.findall(text) or [name.partition("-")[0] for name in found]
            # без словаря библиотека падает с SIGSEGV на первом же слове
            if dictionaries and (data / f"{dictionaries[0]}_dict").is_file():
                path = str(file.relative_to(data / "lang"))
                own = [name for name in (file.name.lower(), *found) if name not in _CRASHING]
                voices.update({name: path for name in own if name == file.name.lower()})
                for name in own:
                    voices.setdefault(name, path)
    return voices
