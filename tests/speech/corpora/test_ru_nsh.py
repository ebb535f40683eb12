"""ru-nsh: пакет с голосом превращается в папку корпуса."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tts_framework.builtin.russian_letters import RussianLetters
from tts_framework.components import CorpusRequest
from tts_framework.errors import DataError
from tts_framework.options import AudioSettings
from tts_framework.speech.corpora import ru_nsh
from tts_framework.speech.corpora.options import CorpusOptions
from tts_framework.speech.filelist import load

MakePackage = Callable[[dict[str, bytes]], Path]
VOICE = "usr/share/festival/voices/russian/msu_ru_nsh_clunits"
TEXTS = ["Д+а.", 'Он сказал: "нет", - и ушёл...', "+Окна; Ионвиль л'Аббеи?", "Раз!", "Два.", "Три."]


@pytest.fixture
def voice(spoken: Path) -> dict[str, bytes]:
    """Верни файлы голоса в раскладке festvox-ru: речь espeak, тексты, метки, лишнее."""
    lines = [f'( ru_{n:04} "{text}" )' for n, text in enumerate(TEXTS, start=1)]
    files = {
        f"{VOICE}/etc/txt.done.data": "\n".join(lines).encode() + b"\n",
        f"{VOICE}/mcep/ru_0001.mcep": b"not needed",
        "usr/share/doc/festvox-ru/copyright": b"keep the notice\n",
    }
    for n, wav in enumerate(sorted((spoken / "wavs").iterdir()), start=1):
        files[f"{VOICE}/wav/ru_{n:04}.wav"] = wav.read_bytes()
        files[f"{VOICE}/lab/ru_{n:04}.lab"] = b"#\n0.1 125 pau\n"
    return files


def fetch(dest: Path, limit: int | None = None, url: str | None = None) -> None:
    ru_nsh.fetch(CorpusOptions(), CorpusRequest(dest, limit, url))


def test_a_package_becomes_a_corpus_ready_to_train(
    voice: dict[str, bytes], make_package: MakePackage, repository: Path, tmp_path: Path
) -> None:
    make_package(voice)
    dest = tmp_path / "corpus"
    fetch(dest)
    audio, frontend = AudioSettings(sampling_rate=16000), RussianLetters(RussianLetters.Config())
    clips = [
        clip
        for part in ("train", "validation")
        for clip in load(dest / f"{part}.csv", frontend, audio)
    ]
    assert sorted(clip.text for clip in clips) == sorted(TEXTS)
    assert len(list((dest / "labels").glob("*.lab"))) == len(TEXTS)
    assert (dest / "LICENSE").read_text() == "keep the notice\n"
    assert not list(dest.rglob("*.mcep"))


def test_asking_again_neither_downloads_nor_rewrites(
    voice: dict[str, bytes],
    make_package: MakePackage,
    repository: Path,
    tmp_path: Path,
    cache_home: Path,
) -> None:
    make_package(voice)
    dest = tmp_path / "corpus"
    fetch(dest)
    before = {path: path.stat().st_mtime_ns for path in dest.rglob("*")}
    shutil.rmtree(repository)
    shutil.rmtree(cache_home)
    fetch(dest)
    assert {path: path.stat().st_mtime_ns for path in dest.rglob("*")} == before


def test_a_removed_recording_is_brought_back_from_the_kept_package(
    voice: dict[str, bytes], make_package: MakePackage, repository: Path, tmp_path: Path
) -> None:
    make_package(voice)
    dest = tmp_path / "corpus"
    fetch(dest, limit=4)
    lost = next((dest / "wavs").iterdir())
    lost.unlink()
    shutil.rmtree(repository)
    fetch(dest, limit=4)
    assert lost.is_file()


def test_the_package_can_come_from_an_address(
    voice: dict[str, bytes], make_package: MakePackage, server: object, tmp_path: Path
) -> None:
    server.content = make_package(voice).read_bytes()  # type: ignore[attr-defined]
    fetch(tmp_path / "corpus", limit=2, url=server.url)  # type: ignore[attr-defined]
    assert len(list((tmp_path / "corpus" / "wavs").iterdir())) == 2


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        (f"{VOICE}/etc/txt.done.data", b"ru_0001 text", "txt.done.data:1: unexpected line"),
        (
            f"{VOICE}/etc/txt.done.data",
            b'( ru_0778 "A." )\n( ru_0777 "B." )',
            "ru_077[78].wav: no such file",
        ),
        (f"{VOICE}/wav/ru_0001.wav", b"junk", "ru_0001.wav: broken sound file"),
    ],
)
def test_a_package_of_another_shape_is_refused_and_leaves_no_lists(
    voice: dict[str, bytes],
    make_package: MakePackage,
    repository: Path,
    tmp_path: Path,
    name: str,
    content: bytes,
    message: str,
) -> None:
    make_package({**voice, name: content})
    with pytest.raises(DataError, match=message):
        fetch(tmp_path / "corpus")
    assert not (tmp_path / "corpus" / "train.csv").exists()


def test_a_package_without_its_licence_is_refused(
    voice: dict[str, bytes], make_package: MakePackage, repository: Path, tmp_path: Path
) -> None:
    del voice["usr/share/doc/festvox-ru/copyright"]
    make_package(voice)
    with pytest.raises(DataError, match="the package has no copyright"):
        fetch(tmp_path / "corpus")


def test_a_kept_package_that_has_gone_bad_is_named(
    voice: dict[str, bytes], make_package: MakePackage, cache_home: Path, tmp_path: Path
) -> None:
    cache_home.mkdir(parents=True)
    kept = shutil.copy(make_package(voice), cache_home)
    Path(kept).write_bytes(b"not a package")
    with pytest.raises(DataError, match=r"festvox-ru_9.9_all.deb: broken archive .*; remove it"):
        fetch(tmp_path / "corpus")
