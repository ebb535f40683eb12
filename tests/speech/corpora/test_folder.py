"""folder: половину корпуса нельзя принять за целый, а чужую папку — за свою."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from filelock import FileLock

from tts_framework.components import CorpusRequest, Recording
from tts_framework.errors import DataError, TTSFError
from tts_framework.speech.corpora.folder import CorpusFolder
from tts_framework.speech.corpora.options import CorpusOptions
from tts_framework.speech.filelist import read


@pytest.fixture
def dest(tmp_path: Path) -> Path:
    return tmp_path / "corpus"


def folder(
    dest: Path, name: str = "test", limit: int | None = None, **options: float
) -> CorpusFolder:
    return CorpusFolder(name, CorpusOptions(**options), CorpusRequest(dest, limit))


def fill(target: CorpusFolder, spoken: Path, text: str = "Д+а.") -> None:
    """Пройди весь путь источника: временная папка, записи с метками, публикация."""
    with target.filling() as incoming:
        recordings = []
        for wav in sorted((spoken / "wavs").iterdir()):
            copy = Path(shutil.copy(wav, incoming / wav.name))
            label = incoming / f"{wav.stem}.lab"
            label.write_text("#\n0.1 125 pau\n")
            recordings.append(Recording(wav.stem, text, copy, "reader", label))
        target.publish(recordings, licence="keep this notice")


def test_has_everything_a_training_needs(dest: Path, spoken: Path) -> None:
    fill(folder(dest), spoken)
    visible = sorted(p.name for p in dest.iterdir() if not p.name.startswith("."))
    assert visible == [
        "LICENSE",
        "corpus.json",
        "labels",
        "metadata.csv",
        "train.csv",
        "validation.csv",
        "wavs",
    ]
    header, *rows = (dest / "metadata.csv").read_text("utf-8").splitlines()
    assert header == "id|text|duration|speaker"
    assert len(rows) == 6
    id, text, duration, speaker = rows[0].split("|")
    assert (id, text, speaker) == ("syn_00001", "Д+а.", "reader")
    assert float(duration) > 1
    train, validation = read(dest / "train.csv"), read(dest / "validation.csv")
    assert (len(train), len(validation)) == (5, 1)
    assert all(clip.path.is_file() for clip in train + validation)
    assert len(list((dest / "labels").iterdir())) == 6
    assert (dest / "LICENSE").read_text() == "keep this notice"
    assert not (dest / ".incoming").exists()


def test_is_whole_only_after_publishing(dest: Path, spoken: Path) -> None:
    target = folder(dest)
    assert not target.is_whole()
    with target.filling():
        assert not target.is_whole()
    assert not target.is_whole()
    fill(target, spoken)
    assert target.is_whole()


@pytest.mark.parametrize(
    "damage",
    [
        lambda dest: (dest / "wavs" / "syn_00003.wav").unlink(),
        lambda dest: (dest / "wavs" / "syn_00003.wav").write_bytes(b""),
        lambda dest: (dest / "train.csv").unlink(),
        lambda dest: (dest / "metadata.csv").unlink(),
        lambda dest: (dest / "corpus.json").write_text("{"),
    ],
)
def test_a_damaged_corpus_is_not_whole(dest: Path, spoken: Path, damage: object) -> None:
    fill(folder(dest), spoken)
    damage(dest)  # type: ignore[operator]
    assert not folder(dest).is_whole()


def test_the_train_list_appears_last(
    dest: Path, spoken: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[str] = []
    from tts_framework.speech.corpora import folder as module

    real = module.write_text

    def watch(path: Path, text: str) -> None:
        if path.name == "train.csv":
            assert (dest / "validation.csv").is_file() and (dest / "metadata.csv").is_file()
            assert not json.loads((dest / "corpus.json").read_text())["complete"]
        written.append(path.name)
        real(path, text)

    monkeypatch.setattr(module, "write_text", watch)
    fill(folder(dest), spoken)
    assert written[-1] == "train.csv"


def test_an_interrupted_attempt_keeps_what_it_brought(dest: Path, spoken: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        with folder(dest).filling() as incoming:
            (incoming / "half").write_text("")
            raise KeyboardInterrupt
    with folder(dest).filling() as incoming:
        assert (incoming / "half").is_file()


def test_growing_touches_no_recording_already_there(dest: Path, spoken: Path) -> None:
    fill(folder(dest, limit=3), spoken)
    before = {wav: wav.stat().st_mtime_ns for wav in (dest / "wavs").iterdir()}
    assert len(before) == 3
    assert not folder(dest).is_whole()
    fill(folder(dest), spoken)
    assert len(list((dest / "wavs").iterdir())) == 6
    assert all(wav.stat().st_mtime_ns == when for wav, when in before.items())


def test_another_recipe_in_the_same_folder_is_refused(dest: Path, spoken: Path) -> None:
    fill(folder(dest), spoken)
    with pytest.raises(DataError, match="holds a corpus with corpus 'test', not 'other'"):
        with folder(dest, "other").filling():
            pass
    with pytest.raises(DataError, match="holds a corpus with options"):
        with folder(dest, max_seconds=2.0).filling():
            pass
    assert folder(dest).is_whole()


def test_a_failed_attempt_does_not_keep_the_folder_from_another_corpus(dest: Path) -> None:
    with pytest.raises(DataError):
        with folder(dest).filling() as incoming:
            (incoming / "half").write_text("")
            raise DataError("no network")
    with folder(dest, "other").filling() as incoming:
        assert list(incoming.iterdir()) == []


def test_a_folder_with_other_files_is_left_alone(dest: Path) -> None:
    dest.mkdir()
    (dest / "thesis.doc").write_text("years of work")
    with pytest.raises(DataError, match="not a corpus made by 'ttsf data get'; choose another"):
        with folder(dest).filling():
            pass
    assert [p.name for p in dest.iterdir()] == ["thesis.doc"]


def test_a_file_in_place_of_the_folder_is_named(dest: Path) -> None:
    dest.write_text("")
    with pytest.raises(DataError, match="exists and is not a corpus"):
        with folder(dest).filling():
            pass


def test_two_processes_do_not_fill_one_folder(dest: Path) -> None:
    dest.mkdir()
    with FileLock(dest / ".lock"):
        with pytest.raises(TTSFError, match="is held by another process; .*wait for it to end"):
            with folder(dest).filling():
                pass


@pytest.mark.parametrize("text", ["", "a|b", "a\nb"])
def test_a_text_that_breaks_the_list_is_refused(dest: Path, spoken: Path, text: str) -> None:
    with pytest.raises(DataError, match="is empty, multi-line or has '|'"):
        fill(folder(dest), spoken, text)
    assert not (dest / "train.csv").exists()


def test_secrets_of_an_address_stay_out_of_the_manifest(dest: Path) -> None:
    request = CorpusRequest(dest, url="https://host/voice.deb?token=secret")
    with CorpusFolder("test", CorpusOptions(), request).filling():
        assert "secret" not in (dest / "corpus.json").read_text()
