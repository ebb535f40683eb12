"""Шаблон команды: слова делятся до подстановки, значение ничем не может стать."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tts_framework.errors import TTSFError
from tts_framework.foreign_trainer.template import CommandTemplate


def words(template: str, **places: str | tuple[str, ...]) -> list[str]:
    return CommandTemplate(template).words(places)


def test_every_place_is_filled_and_the_rest_is_as_written() -> None:
    text = "python 'my train.py' -o {output_dir} --seed={seed} x[0] layers=[1,2]"
    assert words(text, output_dir="/a b", seed="7") == [
        "python",
        "my train.py",
        "-o",
        "/a b",
        "--seed=7",
        "x[0]",
        "layers=[1,2]",
    ]


@pytest.mark.parametrize(
    ("checkpoint", "expected"),
    [("", ["t"]), ("/c", ["t", "-c", "/c", "--resume"])],
)
def test_an_optional_group_stands_or_falls_whole(checkpoint: str, expected: list[str]) -> None:
    assert words("t [-c {checkpoint} --resume]", checkpoint=checkpoint) == expected
    inside = words("t ckpt[={checkpoint}]", checkpoint=checkpoint)
    assert inside == ["t", "ckpt=/c" if checkpoint else "ckpt"]


def test_a_group_needs_all_of_its_places() -> None:
    assert words("t [{a} {b}] {c}", a="1", b="", c="3") == ["t", "3"]


def test_two_groups_do_not_depend_on_each_other() -> None:
    assert words("t [-a {a}] [-b {b}]", a="", b="2") == ["t", "-b", "2"]


def test_doubled_braces_are_text_and_unknown_braces_stay() -> None:
    assert words('t {{seed}} {"a":1}', seed="7") == ["t", "{seed}", "{a:1}"]


def test_several_words_take_the_place_of_one_or_of_none() -> None:
    assert words("t {hparams} end", hparams=("--a", "1")) == ["t", "--a", "1", "end"]
    assert words("t {hparams} end", hparams=()) == ["t", "end"]
    with pytest.raises(TTSFError, match="becomes several words here; put spaces around it"):
        words("t --set={hparams}", hparams=("a=1",))


def test_an_empty_word_in_quotes_survives() -> None:
    assert words("t '' {a}", a="") == ["t", "", ""]


HOSTILE = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=60)


@given(HOSTILE)
def test_a_value_is_one_word_whatever_it_holds(value: str) -> None:
    assert words("t -o {output_dir} end", output_dir=value) == ["t", "-o", value, "end"]


@pytest.mark.parametrize("value", ["$(touch x); `id` && rm -rf *", "a b'c\"d\\", "{seed}[x]\n-c"])
def test_a_program_receives_the_very_value(value: str) -> None:
    template = f"{sys.executable} -c 'import sys; sys.stdout.write(sys.argv[1])' {{output_dir}}"
    argv = CommandTemplate(template).words({"output_dir": value, "seed": "7"})
    assert subprocess.run(argv, capture_output=True, text=True).stdout == value


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("t [a {b}", "brackets do not pair up"),
        ("t [a [{b}]]", "brackets do not pair up"),
        ("t 'a", "no closing quotation; close the quotes"),
        ("t \x01", "control characters"),
    ],
)
def test_a_template_that_cannot_be_read_is_refused(text: str, reason: str) -> None:
    with pytest.raises(TTSFError, match=reason):
        CommandTemplate(text)


def test_places_that_are_whole_words_are_known() -> None:
    template = CommandTemplate("t {a} --b={b} [{c}] {d} x{d}")
    assert template.places == ("a", "b", "c", "d", "d")
    assert template.standing_alone == {"a", "c"}
