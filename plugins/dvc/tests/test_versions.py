"""Версии через настоящий DVC: кэш, локальное удалённое хранилище, второй клон."""

from __future__ import annotations

import hashlib
import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tts_framework.errors import DataError, DiskFull, TTSFError
from tts_framework.plugins import Plugins
from tts_framework.speech.versions import marks, records
from tts_framework.speech.versions.checkout import checkout
from tts_framework.speech.versions.saving import save
from ttsf_dvc import DVCVersions

DVC = [sys.executable, "-m", "dvc"]


def dvc(folder: Path, *arguments: str) -> None:
    subprocess.run([*DVC, *arguments, "-q"], cwd=folder, check=True, capture_output=True)


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Пустой репозиторий DVC без Git; запуск команды dvc стоит секунды."""
    folder = tmp_path_factory.mktemp("dvc") / "repository"
    folder.mkdir()
    dvc(folder, "init", "--no-scm")
    dvc(folder, "remote", "add", "-d", "storage", "../storage")
    return folder


@pytest.fixture
def repository(template: Path, tmp_path: Path) -> Path:
    """Верни свой репозиторий; его удалённое хранилище — `tmp_path/storage`."""
    shutil.copytree(template, tmp_path / "repository")
    return tmp_path / "repository"


@pytest.fixture
def corpus(repository: Path) -> Path:
    folder = repository / "data/voice"
    (folder / "wavs").mkdir(parents=True)
    for name in ("c0", "два слова", "new\nline", "pipe|pipe"):
        (folder / f"wavs/{name}.wav").write_bytes(random.Random(name).randbytes(3000))
    (folder / "LICENSE").write_text("free\n")
    return folder


def store(repository: Path, **options: object) -> DVCVersions:
    return DVCVersions(DVCVersions.Config(repository=repository, **options))


def wavs(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.glob("wavs/*.wav")}


def cached(repository: Path, path: Path) -> Path:
    md5 = hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()
    return repository / ".dvc/cache/files/md5" / md5[:2] / md5[2:]


def cloned(repository: Path) -> Path:
    """Верни «второй клон»: файлы Git те же, кэш пуст."""
    clone = repository.with_name("clone")
    shutil.copytree(repository, clone, ignore=shutil.ignore_patterns("cache", "tmp", "data"))
    return clone


def test_it_is_found_by_its_name() -> None:
    assert Plugins().get("versions", "dvc") is DVCVersions


def test_a_changed_clip_costs_one_clip_and_an_old_version_comes_back(
    repository: Path, corpus: Path, tmp_path: Path
) -> None:
    before = wavs(corpus)
    first = save(corpus, store(repository), use="dvc", message="first")
    (corpus / "wavs/c0.wav").write_bytes(b"other")
    second = save(corpus, store(repository), use="dvc")
    assert (first.stored, second.stored) == (6, 2)
    assert save(corpus, store(repository), use="dvc").new is False
    found, damaged = records.read(store(repository))
    assert [record.message for record in found] == ["first", ""] and damaged == 0

    checkout(store(repository), first.record, tmp_path / "out", use="dvc")
    assert wavs(tmp_path / "out") == before
    mark = marks.read(tmp_path / "out")
    assert mark is not None and mark.use == "dvc"


def test_another_clone_fetches_from_the_remote(
    repository: Path, corpus: Path, tmp_path: Path
) -> None:
    record = save(corpus, store(repository)).record
    clone = cloned(repository)

    checkout(store(clone), record, tmp_path / "out")
    assert wavs(tmp_path / "out") == wavs(corpus)
    assert save(tmp_path / "out", store(clone), name="again").new


def test_plain_dvc_reads_a_version(repository: Path, corpus: Path) -> None:
    record = save(corpus, store(repository)).record
    clone = cloned(repository)
    dvc(clone, "pull", f"datasets/voice-{record.short}.dvc")
    assert wavs(clone / f"datasets/voice-{record.short}") == wavs(corpus)


def test_damage_is_found_by_sha256_and_repaired(
    repository: Path, corpus: Path, tmp_path: Path
) -> None:
    there = store(repository)
    record = save(corpus, there).record
    place = cached(repository, corpus / "wavs/c0.wav")
    place.chmod(0o644)
    place.write_bytes(place.read_bytes()[::-1])

    with pytest.raises(DataError, match="wavs/c0.wav: its content in the store is damaged"):
        checkout(there, record, tmp_path / "out")
    assert "c0.wav" not in wavs(tmp_path / "out") and len(wavs(tmp_path / "out")) == 3

    assert save(corpus, there, verify=True).stored == 1
    checkout(there, record, tmp_path / "out")
    assert wavs(tmp_path / "out") == wavs(corpus)


def test_an_object_lost_everywhere_is_named(repository: Path, corpus: Path, tmp_path: Path) -> None:
    record = save(corpus, store(repository, push=False)).record
    cached(repository, corpus / "wavs/c0.wav").unlink()
    with pytest.raises(DataError, match="wavs/c0.wav: .* is not in the DVC cache"):
        checkout(store(repository), record, tmp_path / "out")
    assert marks.read(tmp_path / "out") is None

    save(corpus, store(repository), verify=True)
    checkout(store(repository), record, tmp_path / "out")
    assert wavs(tmp_path / "out") == wavs(corpus)


def test_a_version_is_not_visible_until_the_remote_has_it(
    repository: Path, corpus: Path, tmp_path: Path
) -> None:
    (tmp_path / "storage").write_text("a file where the remote should be")
    with pytest.raises(TTSFError, match="run the same command again to continue"):
        save(corpus, store(repository))
    assert records.read(store(repository)) == ([], 0)

    (tmp_path / "storage").unlink()
    assert save(corpus, store(repository)).stored == 0
    assert len(records.read(store(repository))[0]) == 1


def test_without_a_remote_the_cache_is_the_store(corpus: Path, repository: Path) -> None:
    (repository / ".dvc/config").write_text("[core]\n    no_scm = True\n")
    record = save(corpus, store(repository)).record
    checkout(store(repository), record, repository / "out")
    assert wavs(repository / "out") == wavs(corpus)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("outs", "deps"),
        ("  path: voice", "  path: ../../voice"),
        (".dir", ""),
        ("- md5: ", "- md5: ../../../../"),
        ("hash: md5", "hash: md5\n  cache: false"),
    ],
)
def test_a_hostile_dvc_file_is_refused(
    repository: Path, corpus: Path, tmp_path: Path, old: str, new: str
) -> None:
    record = save(corpus, store(repository)).record
    tracked = repository / f"datasets/voice-{record.short}.dvc"
    assert old in tracked.read_text()
    tracked.write_text(tracked.read_text().replace(old, new))
    with pytest.raises(DataError, match="is not the file that was saved"):
        checkout(store(repository), record, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_outside_of_a_repository_it_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(TTSFError, match="is not inside a DVC repository; run 'dvc init'"):
        store(tmp_path).records()


def test_reading_versions_does_not_import_dvc(repository: Path, corpus: Path) -> None:
    save(corpus, store(repository))
    code = (
        "import sys; from ttsf_dvc import DVCVersions as V;"
        "print(len(V(V.Config(repository=sys.argv[1])).records()), 'dvc' in sys.modules)"
    )
    command = [sys.executable, "-c", code, str(repository)]
    answer = subprocess.run(command, capture_output=True, text=True, check=True)
    assert answer.stdout.split() == ["1", "False"]


def test_a_git_repository_keeps_the_version_files(tmp_path: Path) -> None:
    folder = tmp_path / "project"
    folder.mkdir()
    subprocess.run(["git", "init", "-q"], cwd=folder, check=True)
    dvc(folder, "init")
    (folder / "voice/wavs").mkdir(parents=True)
    (folder / "voice/wavs/a.wav").write_bytes(b"x")
    record = save(folder / "voice", store(folder)).record
    dvc(folder, "checkout", f"datasets/voice-{record.short}.dvc")

    listed = subprocess.run(
        ["git", "status", "--porcelain", "-uall", "datasets"],
        cwd=folder,
        check=True,
        capture_output=True,
        text=True,
    )
    names = {line.split("/")[-1] for line in listed.stdout.splitlines()}
    assert names == {".gitignore", f"voice-{record.short}.dvc", f"voice-{record.short}.json"}


DRIVER = """
import os, random, shutil, signal, sys, time
from pathlib import Path
import dvc.repo, dvc_data.hashfile.transfer
from ttsf_dvc import DVCVersions
from tts_framework.speech.versions import records
from tts_framework.speech.versions.checkout import checkout
from tts_framework.speech.versions.saving import save

repository, corpus, out, again = map(Path, sys.argv[1:])
clone = repository.with_name('clone')
chance, kills = random.Random(5), 0

def store():
    return DVCVersions(DVCVersions.Config(repository=repository))

def until_done(work, after):
    global kills
    while True:
        pid = os.fork()
        if not pid:
            os.close(1)
            try:
                work()
            except BaseException as error:
                print(repr(error), file=sys.stderr, flush=True)
                os._exit(1)
            os._exit(0)
        time.sleep(chance.uniform(0, after))
        os.kill(pid, signal.SIGKILL)
        if (ended := os.waitpid(pid, 0)[1]) == 0:
            return
        assert os.WIFSIGNALED(ended), "the work itself failed"
        kills += 1
        after *= 1.3
        assert len(records.read(store())[0]) <= 1

until_done(lambda: save(corpus, store()), 0.02)
(record,) = records.read(store())[0]
until_done(lambda: checkout(store(), record, out), 0.01)
shutil.copytree(repository, clone, ignore=shutil.ignore_patterns("cache", "tmp", "data"))
repository = clone
until_done(lambda: checkout(store(), record, again), 0.02)
print(kills)
"""


def test_a_kill_at_any_moment_loses_nothing(repository: Path, corpus: Path, tmp_path: Path) -> None:
    for number in range(40):
        (corpus / f"wavs/more {number}.wav").write_bytes(random.randbytes(30_000))
    folders = [repository, corpus, tmp_path / "out", tmp_path / "again"]
    arguments = [str(folder) for folder in folders]
    done = subprocess.run(
        [sys.executable, "-c", DRIVER, *arguments], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) >= 3, done.stdout
    assert wavs(tmp_path / "out") == wavs(corpus)
    assert wavs(tmp_path / "again") == wavs(corpus)


def test_a_full_disk_is_named_and_the_next_run_goes_on(repository: Path, corpus: Path) -> None:
    cache = repository / ".dvc/tmp"
    cache.mkdir(exist_ok=True)
    mount = ["mount", "-t", "tmpfs", "-o", "size=8k", "tmpfs", str(cache)]
    if subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("a small disk needs the right to mount")
    try:
        with pytest.raises(DiskFull, match="no space left"):
            save(corpus, store(repository))
        assert records.read(store(repository)) == ([], 0)
    finally:
        subprocess.run(["umount", "-l", str(cache)], check=True)
    assert save(corpus, store(repository)).new
