"""Проверенный файл: тексты — в таблицу, лишнее — из корпуса, ошибки — все сразу."""

from __future__ import annotations

from pathlib import Path

import pytest

from tts_framework.errors import DataError
from tts_framework.speech.audio import write_wav
from tts_framework.speech.corpora import manifest, table
from tts_framework.speech.corpora.table import Row
from tts_framework.speech.transcribing import review
from tts_framework.speech.transcribing.applying import Applied, apply
from tts_framework.speech.transcribing.review import Line

np = pytest.importorskip("numpy")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Верни корпус: `a` с текстом, `b`, `c`, `d` ждут проверки."""
    for id in "abcd":
        write_wav(table.wav(tmp_path, id), np.zeros(800, np.float32), 16000)
    texts = {"a": "Known."}
    table.write(tmp_path, [Row(id, texts.get(id, ""), 0.05) for id in "abcd"])
    review.save(tmp_path / "review.csv", [Line(id, "heard", "heard", 0.3, "x") for id in "bcd"])
    return tmp_path


def texts(folder: Path) -> dict[str, str]:
    return {row.id: row.text for row in table.read(folder)}


def write(folder: Path, *lines: str, name: str = "review.csv") -> Path:
    path = folder / name
    path.write_text("\n".join(["id|confidence|text|heard|reason", *lines, ""]))
    return path


def test_corrects_confirms_drops_and_leaves_undecided(folder: Path) -> None:
    write(folder, "b|0.3|Corrected.|heard|x", "c|0.3|[Drop]|heard|x", "d|0.3||heard|x")
    assert apply(folder) == Applied(corrected=1, confirmed=0, dropped=1, undecided=1)
    assert texts(folder) == {"a": "Known.", "b": "Corrected.", "d": ""}
    assert not table.wav(folder, "c").exists() and (folder / "dropped" / "c.wav").exists()
    assert [line.id for line in review.read(folder / "review.csv")] == ["d"]


def test_applying_again_changes_nothing(folder: Path) -> None:
    path = write(folder, "b|0.3|heard|heard|x", "c|0.3|[drop]|heard|x", name="corrected.csv")
    assert apply(folder, path) == Applied(corrected=0, confirmed=1, dropped=1, undecided=1)
    before = texts(folder)
    apply(folder, path)
    assert texts(folder) == before == {"a": "Known.", "b": "heard", "d": ""}


def test_another_file_leaves_the_rest_waiting(folder: Path) -> None:
    path = write(folder, "b|0.3|One.|heard|x", name="corrected.csv")
    apply(folder, path)
    assert [line.id for line in review.read(folder / "review.csv")] == ["c", "d"]


def test_a_new_text_forgets_the_normalized_one(folder: Path) -> None:
    table.write(folder, [Row("a", "Known.", 0.05, normalized="known"), Row("b", "", 0.05)])
    write(folder, "a|0.3|Other.|heard|x")
    apply(folder)
    assert table.read(folder)[0] == Row("a", "Other.", 0.05)


def test_every_problem_is_named_and_nothing_is_changed(folder: Path) -> None:
    table.wav(folder, "d").unlink()
    path = write(
        folder,
        'b|0.3|"left | right"|heard|x',
        "c|0.3|...|heard|x",
        "d|0.3|There.|heard|x",
        "stranger|0.3|There.|heard|x",
    )
    before = (folder / "metadata.csv").read_bytes(), path.read_bytes()
    with pytest.raises(DataError) as caught:
        apply(folder)
    bar, empty, missing, unknown = caught.value.problems
    assert bar.startswith(f"{path}:2: text 'left | right' has '|'")
    assert empty.startswith(f"{path}:3: text '...' has no letters")
    assert missing.startswith(f"{path}:4: {table.wav(folder, 'd')}: no such file")
    assert unknown.startswith(f"{path}:5: clip 'stranger' is not in metadata.csv")
    assert before == ((folder / "metadata.csv").read_bytes(), path.read_bytes())


def test_a_dropped_clip_is_not_brought_back_by_a_text(folder: Path) -> None:
    apply(folder, write(folder, "c|0.3|[drop]|heard|x", name="one.csv"))
    with pytest.raises(DataError, match="two.csv:2: clip 'c' was dropped earlier"):
        apply(folder, write(folder, "c|0.3|Text.|heard|x", name="two.csv"))


def test_a_broken_manifest_does_not_stop_it(folder: Path) -> None:
    (folder / manifest.MANIFEST).write_text('{"review": {"dropped": 7}}')
    write(folder, "b|0.3|[drop]|heard|x")
    assert apply(folder).dropped == 1
    assert manifest.read(folder)["review"] == {"dropped": ["b"]}


def test_a_folder_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such folder"):
        apply(tmp_path / "nowhere")


def test_two_processes_do_not_write_one_corpus(folder: Path) -> None:
    from tts_framework.speech.transcribing.locking import locked

    with locked(folder), pytest.raises(DataError, match="another process"):
        apply(folder)
