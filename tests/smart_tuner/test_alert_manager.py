"""AlertManager: цикл не ждёт оповещателей, человек не тонет в сообщениях."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tts_framework.components import Alerter, AlertOptions, Options, TryLater, alert_kind
from tts_framework.events import (
    BestImproved,
    Event,
    MetricsReceived,
    RolledBack,
    RunStopped,
    TrainerExited,
    TrialFinished,
    Warned,
)
from tts_framework.smart_tuner.alert_manager import AlertManager
from tts_framework.smart_tuner.outbox import ATTEMPTS
from tts_framework.smart_tuner.throttle import Throttle
from tts_framework.trials import COMMITTED, DIVERGED, FAILED, PRUNED, ROLLED_BACK

WAIT = 20.0


class Recorder(Alerter):
    """Запоминает всё, что ему сказали."""

    quiet_seconds = 0.0

    def __init__(self, quiet_seconds: float = 0.0) -> None:
        super().__init__(Options())
        self.quiet_seconds = quiet_seconds
        self.heard: list[Event] = []
        self.closed = False

    def notify(self, event: Event) -> None:
        self.heard.append(event)

    def close(self) -> None:
        self.closed = True


class Stuck(Recorder):
    """Зависает на первом же событии, пока его не отпустят."""

    def __init__(self) -> None:
        super().__init__()
        self.release = threading.Event()
        self.entered = threading.Event()

    def notify(self, event: Event) -> None:
        self.entered.set()
        self.release.wait(WAIT)
        super().notify(event)


class Broken(Recorder):
    """Падает, выдавая секрет."""

    def notify(self, event: Event) -> None:
        raise ConnectionError("https://hooks.example/s3cret-token refused")

    def close(self) -> None:
        raise RuntimeError("cannot close")


def matters(event: Event) -> bool:
    return alert_kind(event) is not None


def warned(text: str) -> Warned:
    return Warned(message=text)


def finished(outcome: str) -> TrialFinished:
    return TrialFinished(
        trial=1,
        outcome=outcome,
        reason="why",
        end_iteration=10,
        checkpoint=None,
        sha256=None,
        value=None,
        score=None,
        forecast=None,
        forecast_std=None,
        seconds=1.0,
    )


# --- что важно ------------------------------------------------------------------------------


def test_broken_trials_matter_and_ordinary_ones_do_not() -> None:
    assert matters(finished(FAILED)) and matters(finished(DIVERGED))
    assert not any(matters(finished(outcome)) for outcome in (COMMITTED, ROLLED_BACK, PRUNED))


def test_the_course_of_training_does_not_matter() -> None:
    assert not matters(MetricsReceived(trial=1, metrics=()))
    assert not matters(TrainerExited(trial=1, code=0, meaning="done"))


def test_the_end_the_best_and_warnings_matter() -> None:
    best = BestImproved(trial=1, metric="val_loss", value=1.0, previous=None, checkpoint="c")
    assert matters(RunStopped(reason="done", finished=True))
    assert matters(best) and matters(warned("x"))
    assert matters(RolledBack(trial=2, to_trial=1, reason="worse"))


# --- доставка -------------------------------------------------------------------------------


def test_every_alerter_hears_important_events_in_order() -> None:
    one, two = Recorder(), Recorder()
    manager = AlertManager({"one": one, "two": two})
    events = [warned(str(i)) for i in range(5)]
    for event in (*events, MetricsReceived(trial=1, metrics=())):
        manager.handle(event)
    manager.close(WAIT)
    assert one.heard == two.heard == events
    assert one.closed and two.closed


def test_a_stuck_alerter_delays_neither_the_caller_nor_the_others() -> None:
    stuck, fine = Stuck(), Recorder()
    manager = AlertManager({"stuck": stuck, "fine": fine}, capacity=2)
    manager.handle(warned("first"))
    assert stuck.entered.wait(WAIT)
    for number in range(10):
        manager.handle(warned(str(number)))
    manager.close(timeout=0.3)
    assert len(fine.heard) > 0 and fine.closed
    assert stuck.heard == [] and not stuck.closed
    stuck.release.set()


def test_a_stuck_alerter_and_dropped_alerts_are_logged(caplog: pytest.LogCaptureFixture) -> None:
    stuck = Stuck()
    manager = AlertManager({"slow": stuck}, capacity=2)
    manager.handle(warned("first"))
    assert stuck.entered.wait(WAIT)
    for number in range(5):
        manager.handle(warned(str(number)))
    with caplog.at_level(logging.WARNING):
        manager.close(timeout=0.1)
    stuck.release.set()
    assert "alerter slow is stuck; its last alerts are unsent" in caplog.text
    assert "alerter slow is too slow; 3 alerts dropped" in caplog.text


def test_an_alerter_that_raises_is_logged_without_secrets_and_never_fatal(
    caplog: pytest.LogCaptureFixture,
) -> None:
    fine = Recorder()
    with caplog.at_level(logging.WARNING):
        manager = AlertManager({"bad": Broken(), "fine": fine}, secrets={"s3cret-token"})
        manager.handle(warned("x"))
        manager.close(WAIT)
    assert "alerter bad failed: ConnectionError: https://hooks.example/*** refused" in caplog.text
    assert "alerter bad failed: RuntimeError: cannot close" in caplog.text
    assert "s3cret" not in caplog.text
    assert len(fine.heard) == 1


def test_closing_twice_and_events_after_closing_are_harmless() -> None:
    recorder = Recorder()
    manager = AlertManager({"a": recorder})
    manager.close(WAIT)
    manager.handle(warned("late"))
    manager.close(WAIT)
    assert recorder.heard == []


def test_what_was_held_back_is_sent_at_the_end() -> None:
    recorder = Recorder(quiet_seconds=3600)
    manager = AlertManager({"a": recorder})
    for number in range(4):
        manager.handle(warned(str(number)))
    manager.close(WAIT)
    first, digest = recorder.heard
    assert isinstance(first, Warned) and first.message == "0"
    assert isinstance(digest, Warned) and digest.message.startswith("3 events")


def test_held_events_are_sent_when_the_quiet_time_is_over() -> None:
    recorder = Recorder(quiet_seconds=0.2)
    heard_two = threading.Event()
    notify = recorder.notify

    def count(event: Event) -> None:
        notify(event)
        if len(recorder.heard) == 2:
            heard_two.set()

    recorder.notify = count  # type: ignore[method-assign]
    manager = AlertManager({"a": recorder})
    for number in range(3):
        manager.handle(warned(str(number)))
    assert heard_two.wait(WAIT)
    manager.close(WAIT)


# --- сводки ---------------------------------------------------------------------------------


def test_the_first_event_passes_at_once_and_the_next_are_held() -> None:
    throttle = Throttle(60)
    first, second = warned("a"), warned("b")
    assert throttle.offer(first, now=0) == [first]
    assert throttle.offer(second, now=1) == []
    assert throttle.wait(now=11) == 49


def test_a_single_held_event_is_sent_as_it_is() -> None:
    throttle = Throttle(60)
    throttle.offer(warned("a"), now=0)
    held = warned("b")
    throttle.offer(held, now=1)
    assert throttle.release(now=60) == [held]
    assert throttle.wait(now=60) is None


def test_several_held_events_become_one_digest_with_counts_and_the_last_text() -> None:
    throttle = Throttle(60)
    throttle.offer(Warned(message="a", at=0.0), now=0)
    for second in range(10, 40, 10):
        throttle.offer(RolledBack(trial=2, to_trial=1, reason="worse", at=second), now=second)
    throttle.offer(Warned(message="disk is nearly full", at=70.0), now=50)
    [digest] = throttle.release(now=60)
    assert digest.to_dict()["message"] == (
        "4 events in 1.0 min: 3 x RolledBack, 1 x Warned; last: disk is nearly full"
    )


def test_the_end_of_the_run_never_waits_and_takes_the_held_events_along() -> None:
    throttle = Throttle(3600)
    throttle.offer(warned("a"), now=0)
    throttle.offer(warned("b"), now=1)
    stopped = RunStopped(reason="done", finished=True)
    assert throttle.offer(stopped, now=2)[-1] == stopped
    assert throttle.wait(now=2) is None


@given(st.lists(st.floats(0, 30), min_size=1, max_size=200))
def test_a_flapping_run_sends_at_most_one_message_per_quiet_time(gaps: list[float]) -> None:
    throttle = Throttle(60)
    now, sent = 0.0, 0
    for gap in gaps:
        now += gap
        wait = throttle.wait(now)
        sent += len(throttle.release(now)) if wait == 0 else 0
        sent += len(throttle.offer(warned("again"), now))
    assert sent <= 1 + now / 60


# --- повторы --------------------------------------------------------------------------------


class Busy(Recorder):
    """Первые `refusals` раз просит повторить позже."""

    def __init__(self, refusals: int) -> None:
        super().__init__()
        self.refusals = refusals
        self.tries = 0

    def notify(self, event: Event) -> None:
        self.tries += 1
        if self.tries <= self.refusals:
            raise TryLater("429 from https://hooks.example/s3cret-token", after=0.0)
        super().notify(event)


def test_a_busy_server_is_tried_again_until_it_takes_the_message() -> None:
    busy, done = Busy(refusals=3), warned("x")
    manager = AlertManager({"busy": busy}, first_pause=0.01)
    manager.handle(done)
    _until(lambda: busy.heard == [done])
    manager.close(WAIT)
    assert busy.tries == 4


def test_a_server_that_is_always_busy_is_given_up_and_the_next_message_still_goes(
    caplog: pytest.LogCaptureFixture,
) -> None:
    busy, following = Busy(refusals=ATTEMPTS), warned("following")
    manager = AlertManager({"busy": busy}, first_pause=0.001, secrets=["s3cret-token"])
    manager.handle(warned("lost"))
    _until(lambda: busy.tries == ATTEMPTS)
    manager.handle(following)
    _until(lambda: busy.heard == [following])
    manager.close(WAIT)
    assert "alerter busy failed: given up: 429" in caplog.text
    assert "s3cret-token" not in caplog.text


def test_the_end_of_a_run_does_not_wait_for_a_busy_server() -> None:
    busy = Busy(refusals=1000)
    manager = AlertManager({"busy": busy}, first_pause=0.05)
    manager.handle(RunStopped(reason="done", finished=True))
    manager.close(WAIT)
    assert busy.tries <= 3 and busy.closed


def _until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WAIT
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.005)


# --- о чём и где ----------------------------------------------------------------------------


def test_only_the_chosen_events_are_sent() -> None:
    picky = Picky(AlertOptions(events=("rolled_back", "run_stopped"), quiet_seconds=0))
    manager = AlertManager({"picky": picky})
    back = RolledBack(trial=2, to_trial=1, reason="worse")
    end = RunStopped(reason="done", finished=True)
    for event in (warned("x"), finished(DIVERGED), back, end):
        manager.handle(event)
    manager.close(WAIT)
    assert picky.heard == [back, end]


class Picky(Alerter):
    """Слышит только то, о чём просили."""

    def __init__(self, config: AlertOptions) -> None:
        super().__init__(config)
        self.heard: list[Event] = []

    def notify(self, event: Event) -> None:
        self.heard.append(event)


def test_an_unknown_kind_of_event_is_refused_by_the_options() -> None:
    with pytest.raises(ValueError, match="rolled_back"):
        AlertOptions(events=("rolled",))  # type: ignore[arg-type]


def test_a_message_knows_the_run_its_place_and_the_curve_of_the_whole_run() -> None:
    recorder = Recorder()
    manager = AlertManager({"one": recorder})
    manager.tell(run="ru-nsh", folder="/runs/ru-nsh", host="gpu1", metric="val_loss")
    manager.recall([replace(finished(COMMITTED), end_iteration=100, value=3.9)])
    manager.handle(replace(finished(ROLLED_BACK), end_iteration=200, value=9.9))
    manager.handle(replace(finished(COMMITTED), end_iteration=200, value=3.5))
    manager.close(WAIT)
    assert recorder.heard == []
    assert recorder.facts() == {
        "run": "ru-nsh",
        "host": "gpu1",
        "folder": "/runs/ru-nsh",
        "val_loss": "3.5 at iteration 200 (3.9 at 100)",
    }
