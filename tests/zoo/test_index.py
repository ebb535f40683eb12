"""Указатель: записи сливаются, поздний важнее, каждая проблема названа строкой файла."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tts_framework.errors import ConfigError, DataError
from tts_framework.zoo.index import PACKAGED, find, load, require_name, user_index

SHA = "a" * 64


def written(
    path: Path, *names: str, mirror: str = "https://example.org/x.zip", **more: str
) -> Path:
    lines = ["models:"]
    for name in names:
        facts = {"plugin": "hifigan", "language": "ru", "licence": "MIT", "sha256": SHA}
        facts |= {"size": "5", "mirrors": f"[{mirror}]", **more}
        lines += [f"  {name}:", *(f"    {key}: {value}" for key, value in facts.items() if value)]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n")
    return path


def problems(*sources: Path | str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load([str(source) for source in sources])
    return caught.value.problems


def test_the_packaged_index_is_read_and_invents_nothing() -> None:
    assert load() == {}


def test_indexes_are_merged_and_the_last_one_wins(tmp_path: Path) -> None:
    written(user_index(), "one", "two", language="en")
    team = written(tmp_path / "team.yaml", "two", "three", language="be")
    found = load([str(team)])
    assert list(found) == ["one", "three", "two"]
    assert found["two"].entry.language == "be" and found["two"].source == str(team)
    assert found["one"].source == str(user_index())


def test_all_problems_are_named_with_their_lines(tmp_path: Path) -> None:
    bad = written(tmp_path / "bad.yaml", "one", sha256="xyz", licence="", size="-1")
    worse = written(tmp_path / "worse.yaml", "two", mirror="ftp://x/y", more="1")
    found = problems(bad, worse)
    assert f"{bad}:2: models.one.licence: is required; add it" in found
    assert any(
        line.startswith(f"{bad}:5: models.one.sha256: 'xyz' does not match") for line in found
    )
    assert any(line.startswith(f"{bad}:6: models.one.size: -1 is not above 0") for line in found)
    assert any(line.startswith(f"{worse}:8: models.two.mirrors") for line in found)
    assert any(line.startswith(f"{worse}:9: models.two.more: no such key") for line in found)


def test_a_name_that_would_leave_its_folder_is_refused(tmp_path: Path) -> None:
    bad = written(tmp_path / "bad.yaml", '"../evil"')
    assert problems(bad)[0].startswith(f"{bad}:2: models.../evil: needs lower case")
    for name in ("", ".x", "A", "a/b", "a" * 65, "привет"):
        with pytest.raises(ConfigError):
            require_name(name)


@pytest.mark.parametrize(
    "content", [b"models: [", b"- 1", b"\xff", b"models: 5", b"models: &a {x: *a}"]
)
def test_a_file_that_is_no_index_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.yaml").write_bytes(content)
    assert all(line.startswith(f"{tmp_path}/x.yaml") for line in problems(tmp_path / "x.yaml"))


def test_a_missing_or_endless_index_is_refused(tmp_path: Path) -> None:
    assert "no such file" in problems(tmp_path / "absent.yaml")[0]
    (tmp_path / "big.yaml").write_bytes(b"#" * (1 << 20) + b"\n")
    assert "larger than" in problems(tmp_path / "big.yaml")[0]


def test_an_index_of_the_network_is_kept_for_offline(server: Any, tmp_path: Path) -> None:
    server.content = written(tmp_path / "x.yaml", "one").read_bytes()
    with pytest.raises(DataError, match="was never fetched"):
        load([server.url], offline=True)
    assert list(load([server.url])) == ["one"]
    server.content = written(tmp_path / "x.yaml", "two").read_bytes()
    assert list(load([server.url])) == ["two"]
    server.statuses = [500] * 9
    assert list(load([server.url], offline=True)) == ["two"]


def test_an_index_of_the_network_names_no_local_files(server: Any, tmp_path: Path) -> None:
    server.content = written(tmp_path / "x.yaml", "one", mirror="file:///etc/passwd").read_bytes()
    assert "file:/// mirrors are taken from local indexes only" in problems(server.url)[0]


def test_an_unknown_name_gets_a_hint(tmp_path: Path) -> None:
    found = load([str(written(tmp_path / "x.yaml", "vocoder"))])
    with pytest.raises(ConfigError, match="did you mean 'vocoder'"):
        find(found, "vocader")
    assert find(found, "vocoder").entry.size == 5 and PACKAGED
