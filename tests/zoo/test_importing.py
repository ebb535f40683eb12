"""Приём модели: свой чекпоинт, эталон, архив, ONNX; опасное отвергается и не исполняется."""

from __future__ import annotations

import io
import json
import os
import pickle
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import pytest
import torch

from tts_framework.errors import CheckpointError, ConfigError, DataError, TTSFError
from tts_framework.plugins import Plugins
from tts_framework.training import checkpoint
from tts_framework.zoo import archives
from tts_framework.zoo.importing import Wanted, import_model
from tts_framework.zoo.store import Passport, installed, located, models_folder

TRACE = "TTSF_ZOO_WAS_EXECUTED"


def take(path: Path, name: str = "voice", **more: Any) -> Passport:
    return import_model(path, Wanted(name, **more), Plugins())


def refused(path: Path, **more: Any) -> str:
    """Откажись принять файл: одна строка, ничего не поставлено и черновиков не осталось."""
    with pytest.raises(TTSFError) as caught:
        take(path, **more)
    assert not installed() and not list(models_folder().glob(".draft-*"))
    assert len(str(caught.value).splitlines()) == 1
    assert TRACE not in os.environ
    return str(caught.value)


def zipped(path: Path, files: dict[str, bytes], **options: Any) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, **options) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def tarred(path: Path, *members: tuple[tarfile.TarInfo, bytes], mode: str = "w:gz") -> Path:
    with tarfile.open(path, mode) as archive:  # type: ignore[call-overload]
        for member, content in members:
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return path


class Evil:
    def __reduce__(self) -> Any:
        return os.putenv, (TRACE, "1")


def test_our_checkpoint_is_taken_as_it_is(ours: Path) -> None:
    passport = take(ours, language="ru", licence="MIT")
    assert (passport.plugin, passport.format, passport.licence) == ("tacotron2", "ttsf", "MIT")
    assert located("voice").read_bytes() == ours.read_bytes()
    assert installed() == {"voice": passport}


def test_an_archive_with_a_reference_vocoder_is_taken(
    reference: dict[str, bytes], tmp_path: Path
) -> None:
    files = {f"LJ/{name}": content for name, content in reference.items()}
    passport = take(zipped(tmp_path / "lj.zip", {**files, "LJ/readme.txt": b"hello"}))
    assert (passport.plugin, passport.format) == ("hifigan", "reference")
    assert checkpoint.read(located("voice"))["audio"]["hop_length"] == 128
    members = [(tarfile.TarInfo(name), content) for name, content in files.items()]
    for number, mode in enumerate(("w", "w:gz", "w:bz2", "w:xz")):
        assert take(tarred(tmp_path / "lj.tar", *members, mode=mode), f"v{number}").plugin


def test_a_lone_generator_takes_its_config_from_beside_it(
    reference: dict[str, bytes], tmp_path: Path
) -> None:
    (tmp_path / "g_00000009").write_bytes(reference["g_00000009"])
    assert "needs the config.json" in refused(tmp_path / "g_00000009")
    (tmp_path / "elsewhere").mkdir()
    config = tmp_path / "elsewhere" / "config.json"
    config.write_bytes(reference["config.json"])
    assert take(tmp_path / "g_00000009", beside=(config,)).plugin == "hifigan"
    config.rename(tmp_path / "config.json")
    assert take(tmp_path / "g_00000009", "again").plugin == "hifigan"


def test_of_several_checkpoints_one_is_chosen(
    reference: dict[str, bytes], ours: Path, tmp_path: Path
) -> None:
    files = {"a/ours.ckpt": ours.read_bytes(), **{f"b/{k}": v for k, v in reference.items()}}
    path = zipped(tmp_path / "both.zip", files)
    assert "holds a/ours.ckpt, b/g_00000009; choose one with --member" in refused(path)
    assert "no such checkpoint" in refused(path, member="c")
    assert take(path, member="a/ours.ckpt").plugin == "tacotron2"


def test_a_name_that_is_taken_is_kept_unless_forced(ours: Path) -> None:
    take(ours)
    with pytest.raises(DataError, match="is installed already"):
        take(ours)
    assert take(ours, force=True, language="be").language == "be"
    assert installed()["voice"].language == "be"


def test_a_failed_replacement_leaves_the_old_model(ours: Path, tmp_path: Path) -> None:
    take(ours)
    (tmp_path / "bad").write_bytes(ours.read_bytes()[:1000])
    with pytest.raises(CheckpointError):
        take(tmp_path / "bad", force=True)
    assert located("voice").read_bytes() == ours.read_bytes()


def test_drafts_of_a_killed_import_are_swept(ours: Path) -> None:
    (models_folder() / ".draft-dead").mkdir(parents=True)
    take(ours)
    assert not list(models_folder().glob(".draft-*"))


@pytest.mark.parametrize("old_format", [False, True])
def test_pickled_code_is_refused_and_not_executed(tmp_path: Path, old_format: bool) -> None:
    path = tmp_path / "evil.pt"
    torch.save({"state_dict": Evil()}, path, _use_new_zipfile_serialization=not old_format)
    assert "it was not executed" in refused(path)
    (tmp_path / "plain.pkl").write_bytes(pickle.dumps(Evil()))
    refused(tmp_path / "plain.pkl")
    assert "it was not executed" in refused(
        zipped(tmp_path / "evil.zip", {"x/evil.pt": path.read_bytes()})
    )


@pytest.mark.parametrize("kept", [0, 1, 100, 50_000, -1, -100])
def test_a_truncated_checkpoint_is_refused(ours: Path, tmp_path: Path, kept: int) -> None:
    (tmp_path / "short").write_bytes(ours.read_bytes()[:kept])
    assert "short" in refused(tmp_path / "short")


def test_tensors_of_wrong_shapes_are_refused(ours: Path, tmp_path: Path) -> None:
    state = checkpoint.read(ours)
    state["state_dict"]["embedding.weight"] = torch.zeros(3, 3)
    checkpoint.write(tmp_path / "wrong", state)
    assert "tensor embedding.weight is [3, 3]" in refused(tmp_path / "wrong")


def test_a_zip_bomb_in_a_checkpoint_is_refused(ours: Path, tmp_path: Path) -> None:
    bomb = tmp_path / "bomb.pt"
    with zipfile.ZipFile(ours) as source, zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as out:
        for info in source.infolist():
            out.writestr(info.filename, source.read(info))
        out.writestr("archive/data/99", bytes(50_000_000))
    assert "it was refused" in refused(bomb)


def test_a_zip_bomb_is_refused_before_the_disk_is_full(
    ours: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archives, "SPARE_BYTES", 1 << 20)
    bomb = zipped(tmp_path / "bomb.zip", {"x": bytes(30_000_000)})
    assert "too much for a model of this size" in refused(bomb)
    many = zipped(tmp_path / "many.zip", {f"{n}": b"" for n in range(300)})
    assert "or 256 files" in refused(many)
    tar = tarred(tmp_path / "bomb.tar.gz", (tarfile.TarInfo("x"), bytes(30_000_000)))
    assert "too much for a model of this size" in refused(tar)


@pytest.mark.parametrize("name", ["../evil", "/etc/evil", "a/../../evil", "..\\evil"])
def test_names_that_lead_out_are_refused(tmp_path: Path, name: str) -> None:
    assert "leads out of the archive" in refused(zipped(tmp_path / "a.zip", {name: b"x"}))
    tar = tarred(tmp_path / "a.tar", (tarfile.TarInfo(name), b"x"), mode="w")
    assert "leads out of the archive" in refused(tar)


@pytest.mark.parametrize(
    "kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE]
)
def test_links_and_devices_are_refused(tmp_path: Path, kind: bytes) -> None:
    member = tarfile.TarInfo("model.ckpt")
    member.type, member.linkname = kind, "/etc/passwd"
    path = tarred(tmp_path / "a.tar", (member, b""), mode="w")
    assert "is a link or a device" in refused(path)


def test_a_link_in_a_zip_is_refused(tmp_path: Path) -> None:
    info = zipfile.ZipInfo("model.ckpt")
    info.external_attr = 0o120777 << 16
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(info, "/etc/passwd")
    assert "is a link or a device" in refused(tmp_path / "a.zip")


def test_broken_archives_are_refused(reference: dict[str, bytes], tmp_path: Path) -> None:
    whole = zipped(tmp_path / "a.zip", reference).read_bytes()
    spoiled = bytearray(whole)
    spoiled[200:2000] = os.urandom(1800)
    (tmp_path / "spoiled.zip").write_bytes(spoiled)
    assert "broken or encrypted archive" in refused(tmp_path / "spoiled.zip")
    assert "holds no checkpoint" in refused(zipped(tmp_path / "none.zip", {"a.txt": b"hi"}))
    members = [(tarfile.TarInfo(name), content) for name, content in reference.items()]
    path = tarred(tmp_path / "a.tar.gz", *members)
    path.write_bytes(path.read_bytes()[:-3000])
    refused(path)


def test_a_checkpoint_nobody_knows_names_what_it_holds(tmp_path: Path) -> None:
    torch.save({"weights": torch.zeros(2), "epoch": 1}, tmp_path / "alien.pt")
    message = refused(tmp_path / "alien.pt")
    assert "no installed model knows this checkpoint (it holds: epoch, weights)" in message
    assert "hifigan" in message and "tacotron2" in message


def test_a_model_that_is_not_installed_is_named(ours: Path, tmp_path: Path) -> None:
    state = {**checkpoint.read(ours), "model": {"use": "vits"}}
    checkpoint.write(tmp_path / "vits", state)
    assert "vits: no such model plugin" in refused(tmp_path / "vits")


def test_another_plugin_than_promised_is_refused(ours: Path) -> None:
    assert "is a tacotron2, the index says hifigan" in refused(ours, plugin="hifigan")


def test_a_voice_that_lies_is_refused(tmp_path: Path) -> None:
    (tmp_path / "voice").mkdir()
    contents = {"format": "onnx", "version": 1, "use": "hifigan"}
    (tmp_path / "voice" / "voice.json").write_text(json.dumps(contents))
    assert "voice.json: model is None" in refused(tmp_path / "voice")


def test_what_is_not_there_is_named(tmp_path: Path) -> None:
    assert "no such file" in refused(tmp_path / "absent")
    with pytest.raises(ConfigError, match="no such file or installed model"):
        located("absent")
