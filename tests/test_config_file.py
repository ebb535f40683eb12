"""Чтение run.yaml: что годится, что нет и какими словами об этом сказано."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tts_framework import config_file, secrets
from tts_framework.config import Settings
from tts_framework.errors import ConfigError

SPEC = """\
tuner:
  search_algorithm: optuna
  n_trials: 50
  resume_from_checkpoint: true
  search_space:
    learning_rate: {type: loguniform, low: 1e-5, high: 1e-3}
    weight_decay:  {type: loguniform, low: 1e-6, high: 1e-3}
    dropout_decoder: {type: uniform, low: 0.0, high: 0.5}
"""


@pytest.fixture(autouse=True)
def _alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(secrets, "_remembered", set())


def read(text: str | bytes, *overrides: str, **environ: str) -> config_file.ConfigFile:
    path = Path("run.yaml")
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return config_file.read(path, overrides, environ)


def problems(text: str | bytes, *overrides: str, **environ: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        read(text, *overrides, **environ)
    return caught.value.problems


class TestValues:
    def test_the_snippet_of_the_specification_is_valid_unchanged(self) -> None:
        tuner = read(SPEC).settings.tuner
        assert tuner.search_algorithm.use == "optuna"
        assert (tuner.n_trials, tuner.resume_from_checkpoint) == (50, True)
        assert tuner.search_space["learning_rate"].low == 1e-5

    @pytest.mark.parametrize("text", ["1e-5", "1E-5", "1.0e-5", "0.00001", "'1e-5'", "+1e-5"])
    def test_a_number_without_a_dot_is_a_number(self, text: str) -> None:
        settings = read(f"early_stop: {{min_learning_rate: {text}}}").settings
        assert settings.early_stop.min_learning_rate == 1e-5

    def test_yaml_1_1_reads_the_same_number(self) -> None:
        text = "%YAML 1.1\n---\nearly_stop: {min_learning_rate: 1e-5}\n"
        assert read(text).settings.early_stop.min_learning_rate == 1e-5

    def test_an_empty_file_means_all_defaults(self) -> None:
        assert read("").settings == read("# nothing\n").settings == Settings()

    def test_a_byte_order_mark_is_no_part_of_the_first_key(self) -> None:
        assert read(b"\xef\xbb\xbfrun: x").settings.run == "x"

    def test_a_date_and_a_quoted_number_stay_text(self) -> None:
        assert read("run: 2026-01-02").settings.run == "2026-01-02"
        assert read("run: '5'").settings.run == "5"

    def test_a_plugin_may_be_given_by_its_name_alone(self) -> None:
        assert read("model: tacotron2").settings.model.use == "tacotron2"

    def test_a_null_switches_an_optional_key_off(self) -> None:
        assert read("early_stop: {patience: null}").settings.early_stop.patience is None

    def test_every_key_knows_its_line(self) -> None:
        lines = read(SPEC).lines
        assert lines.at(("tuner", "search_space", "weight_decay", "low")) == "run.yaml:7"
        assert lines.at(("tuner", "objective")) == "run.yaml:1"
        assert lines.at(("store",)) == "run.yaml"


class TestProblems:
    def test_all_problems_are_named_at_once_in_the_order_of_lines(self) -> None:
        text = "seeed: 1\nrun: 5\ntuner:\n  n_trials: many\n  search_space:\n    a: 5\n"
        assert problems(text) == [
            "run.yaml:1: seeed: no such key; did you mean 'seed'?",
            "run.yaml:2: run: 5 is not text; put it in quotes",
            "run.yaml:4: tuner.n_trials: 'many' is not an integer",
            "run.yaml:6: tuner.search_space.a: expected 'key: value' lines here, got 5",
        ]

    @pytest.mark.parametrize(
        ("axis", "text"),
        [
            ("{type: normal, low: 1, high: 2}", "'normal' is not one of uniform, loguniform"),
            ("{type: uniform, low: 3, high: 1}", "low 3 is above high 1; swap them"),
            ("{type: loguniform, low: 0, high: 1}", "low 0 has no logarithm; use a low above 0"),
            ("{type: uniform, low: 1}", "uniform needs both low and high"),
            ("{type: int, low: 1.5, high: 3}", "int needs whole bounds, got 1.5 and 3"),
            ("{type: uniform, low: .inf, high: 1}", "inf is not a finite number"),
            ("{type: uniform, low: .nan, high: 1}", "nan is not a finite number"),
            ("{type: uniform, low: x, high: 1}", "'x' is not a number"),
            ("{type: categorical}", "choices is empty; list the allowed values"),
            ("{type: categorical, choices: [1, 1]}", "choices has 1 twice; keep one"),
            ("{type: categorical, choices: [1], low: 0}", "takes choices, not low and high"),
            ("{type: uniform, choices: [1]}", "use type: categorical"),
            ("{type: uniform, low: 0, high: 1, start: 2}", "start 2 is outside of [0, 1]"),
            ("{low: 0, high: 1}", "type: is required; add it"),
        ],
    )
    def test_an_impossible_axis_is_refused(self, axis: str, text: str) -> None:
        (problem,) = problems(f"tuner:\n  search_space:\n    a: {axis}\n")
        assert problem.startswith("run.yaml:3: tuner.search_space.a")
        assert text in problem

    def test_a_key_given_twice_names_both_places(self) -> None:
        assert problems("seed: 1\nseed: 2\n") == [
            "run.yaml:2: seed: given twice (first at run.yaml:1); keep one"
        ]

    def test_a_bare_snippet_of_the_specification_is_told_where_it_belongs(self) -> None:
        found = problems("search_algorithm: optuna\nsearch_space: {}\n")
        assert found[0].endswith("search_algorithm: no such key here; it belongs under 'tuner:'")

    def test_an_unlike_key_is_answered_with_all_known_keys(self) -> None:
        (problem,) = problems("mlflow: {zzz: 1}")
        assert problem.endswith("no such key; known: tracking_uri, experiment")

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("a: [1", "run.yaml:1: not YAML: "),
            ("a: 1\n\tb: 2", "run.yaml:2: not YAML: "),
            ("a: *x", "run.yaml:1: not YAML: "),
            ("a: 1\n---\nb: 2", "run.yaml:2: not YAML: "),
            ("a: \x00", "run.yaml: not YAML: "),
            ("- 1\n- 2", "run.yaml: expected sections such as 'data:' and 'tuner:', got [1, 2]"),
            ("just words", "run.yaml: expected sections"),
            ("store: &a {use: x}\nmodel: *a", "run.yaml:2: model: aliases (*name) are not"),
            ("? [1]\n: 2", "run.yaml: a key must be plain text"),
            ("run: !!python/object:os.system x", "run.yaml:1: run: tag python/object:os.system"),
            ("run: !mine x", "run.yaml:1: run: tag !mine is not supported; remove it"),
            ("[" * 1500, "run.yaml: not YAML: RecursionError"),
            ("a: " + "[" * 60 + "]" * 60, "run.yaml:1: a.0.0: nested deeper than 40 levels"),
        ],
    )
    def test_what_is_not_our_yaml_is_one_line(self, text: str, expected: str) -> None:
        found = problems(text)
        assert any(problem.startswith(expected) for problem in found), found
        assert not any("\n" in problem for problem in found)

    def test_a_file_that_is_not_text_names_the_line(self) -> None:
        assert problems(b"run: x\nseed: \xff") == [
            "run.yaml:2: not UTF-8 text; save the file as UTF-8"
        ]

    def test_a_file_too_large_for_settings_is_not_read_whole(self) -> None:
        (problem,) = problems(b"#" * (config_file.MAX_BYTES + 1))
        assert "is it a config file?" in problem

    def test_a_missing_file_and_a_folder_are_user_errors(self) -> None:
        with pytest.raises(ConfigError, match="nowhere.yaml: no such file or directory"):
            config_file.load(Path("nowhere.yaml"))
        with pytest.raises(ConfigError, match="is a directory"):
            config_file.load(Path("."))

    def test_a_key_cannot_break_or_colour_the_message(self) -> None:
        (problem,) = problems('"a\\nb\\x1b[31m": 1')
        assert problem.startswith("run.yaml:1: a\\nb\\x1b[31m: no such key")

    def test_a_long_value_does_not_flood_the_terminal(self) -> None:
        (problem,) = problems(f"seed: {'x' * 5000}")
        assert len(problem) < 120


class TestOverrides:
    def test_a_value_is_read_as_yaml(self) -> None:
        settings = read(SPEC, "tuner.n_trials=10", "tuner.search_space.weight_decay.low=1e-7")
        assert settings.settings.tuner.n_trials == 10
        assert settings.settings.tuner.search_space["weight_decay"].low == 1e-7

    def test_a_section_a_list_item_and_a_short_plugin_can_be_changed(self) -> None:
        text = "model: tacotron2\nwatchers: [tensorboard]\n"
        found = read(
            text,
            "early_stop.patience=7",
            "model.preset=tiny",
            "watchers.0=mlflow",
            "watchers.1={use: tensorboard}",
            "data={skip_bad: true}",
        ).settings
        assert found.early_stop.patience == 7
        assert (found.model.use, found.model.options) == ("tacotron2", {"preset": "tiny"})
        assert [use.use for use in found.watchers] == ["mlflow", "tensorboard"]
        assert found.data.skip_bad

    @pytest.mark.parametrize(
        ("override", "expected"),
        [
            ("n_trials", "--set n_trials: expected key=value, as in --set tuner.n_trials=10"),
            ("tuner.=1", "--set tuner.=1: expected key=value"),
            ("seed=[", "--set seed=[: not YAML: "),
            ("tuner.n_trial=1", "--set tuner.n_trial=1: tuner.n_trial: no such key; did you mean"),
            ("seed=-1", "--set seed=-1: seed: -1 is below 0; use 0 or more"),
            ("watchers.5.use=x", "--set watchers.5.use: no list item 5"),
            ("seed=!x 1", "--set seed=!x 1: tag !x is not supported"),
        ],
    )
    def test_a_bad_override_is_named(self, override: str, expected: str) -> None:
        found = problems("watchers: [tensorboard]\n", override)
        assert found[0].startswith(expected)

    def test_a_replaced_section_no_longer_answers_for_the_file(self) -> None:
        found = problems("tuner:\n  n_trials: 5\n", "tuner={n_trials: 0}")
        assert found == ["--set tuner={n_trials: 0}: tuner.n_trials: 0 is below 1; use 1 or more"]


class TestSecrets:
    TEXT = 'alerters: [{use: slack, webhook: "https://hooks/${TOKEN}"}]\n'

    def test_the_environment_fills_the_value(self) -> None:
        found = read(self.TEXT, TOKEN="s3cret")
        assert found.settings.alerters[0].options == {"webhook": "https://hooks/s3cret"}
        assert found.secrets == {"s3cret"}

    @pytest.mark.parametrize("environ", [{}, {"TOKEN": ""}])
    def test_an_unset_variable_is_named(self, environ: dict[str, str]) -> None:
        assert problems(self.TEXT, **environ) == [
            "run.yaml:1: alerters.0.webhook: environment variable TOKEN is not set;"
            " export TOKEN=..."
        ]

    def test_a_secret_is_never_part_of_a_problem(self) -> None:
        found = problems("tuner: {n_trials: '${TOKEN}'}", TOKEN="s3cret")
        assert found == ["run.yaml:1: tuner.n_trials: '***' is not an integer"]

    def test_a_number_may_come_from_the_environment(self) -> None:
        assert read("tuner: {n_trials: '${N}'}", N="7").settings.tuner.n_trials == 7

    def test_shell_defaults_are_refused_and_a_dollar_escapes(self) -> None:
        assert "is not of the form ${NAME}" in problems("run: '${A:-b}'")[0]
        assert read("trainer: {env: {A: '$${B}'}}").settings.trainer.env == {"A": "${B}"}

    def test_a_key_is_never_substituted(self) -> None:
        assert "no such key" in problems("'${TOKEN}': 1", TOKEN="run")[0]

    def test_without_an_environment_the_names_stay(self) -> None:
        Path("run.yaml").write_text(self.TEXT)
        settings = config_file.load(Path("run.yaml"), environ=None)
        assert settings.alerters[0].options == {"webhook": "https://hooks/${TOKEN}"}

    def test_an_override_may_name_a_variable(self) -> None:
        found = read("", "mlflow.tracking_uri=${URI}", URI="http://user:word@host")
        assert found.settings.mlflow.tracking_uri == "http://user:word@host"
        assert "${URI}" in config_file.dump(found)


class TestDump:
    def test_the_copy_restores_the_settings_and_never_holds_the_secret(self) -> None:
        text = SPEC + TestSecrets.TEXT + "trainer: {env: {A: '$${B}', C: '${TOKEN}'}}\n"
        file = read(text, "tuner.n_trials=7", TOKEN="s3cret")
        copy = config_file.dump(file)
        assert "s3cret" not in copy and "https://hooks/${TOKEN}" in copy
        assert read(copy, TOKEN="s3cret").settings == file.settings

    def test_a_short_plugin_from_the_environment_is_restored(self) -> None:
        copy = config_file.dump(read("model: '${MODEL}'", MODEL="tacotron2"))
        assert read(copy, MODEL="tiny").settings.model.use == "tiny"


scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(["${A}", "$${A}", "${", "optuna", "1e-5", "uniform", "*a", "&a", "!!set"])
)
keys = st.sampled_from(
    [*Settings.model_fields, "n_trials", "search_space", "use", "low", "0", "", "${A}"]
)
trees = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=12,
)


class TestHostileFiles:
    @given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
    def test_random_bytes_are_settings_or_a_config_error(self, content: bytes) -> None:
        self._survives(content)

    @given(st.text(alphabet="{}[]:,-?&*!|>'\"%@`#\n\t ab1.\\~<=", max_size=60))
    def test_random_punctuation_is_settings_or_a_config_error(self, content: str) -> None:
        self._survives(content.encode())

    @given(st.dictionaries(keys, trees, max_size=5), st.lists(st.text(max_size=20), max_size=2))
    def test_random_trees_are_settings_or_a_config_error(
        self, tree: dict[str, Any], overrides: list[str]
    ) -> None:
        import json

        self._survives(json.dumps(tree).encode(), *overrides)

    @given(st.integers(0, 2**31), st.text(st.characters(codec="utf-8"), min_size=1, max_size=20))
    def test_any_valid_settings_survive_a_round_trip(self, seed: int, text: str) -> None:
        settings = Settings(seed=seed, trainer={"env": {"A": text.replace("${", "")}})
        file = config_file.ConfigFile(Path("x"), settings)
        assert read(config_file.dump(file)).settings == settings

    @staticmethod
    def _survives(content: bytes, *overrides: str) -> None:
        try:
            read(content, *overrides)
        except ConfigError as error:
            assert error.problems and all("\n" not in line for line in error.problems)
