"""Runs: their life, what is logged to them, and the refusals a client sees."""

import math
import time

import mlflow
import pytest
from mlflow.entities import Metric, Param, RunStatus, RunTag


def test_create_and_finish(client, experiment_id):
    run = client.create_run(experiment_id, start_time=1000, tags={"a": "1"}, run_name="first try")
    assert (run.info.run_name, run.info.status, run.info.start_time) == ("first try", "RUNNING", 1000)
    assert run.data.tags == {"a": "1", "mlflow.runName": "first try"}
    assert run.info.artifact_uri == f"mlflow-artifacts:/{experiment_id}/{run.info.run_id}/artifacts"
    client.set_terminated(run.info.run_id, end_time=5000)
    done = client.get_run(run.info.run_id).info
    assert (done.status, done.end_time, done.lifecycle_stage) == ("FINISHED", 5000, "active")


def test_run_gets_a_name_when_none_is_given(client, run_id):
    run = client.get_run(run_id)
    assert run.info.run_name
    assert run.data.tags["mlflow.runName"] == run.info.run_name


def test_rename_and_status(client, run_id):
    client.update_run(run_id, status="FAILED", name="renamed")
    run = client.get_run(run_id)
    assert (run.info.status, run.info.run_name, run.data.tags["mlflow.runName"]) == ("FAILED", "renamed", "renamed")
    client.set_tag(run_id, "mlflow.runName", "by tag")
    assert client.get_run(run_id).info.run_name == "by tag"


@pytest.mark.parametrize("status", [RunStatus.to_string(status) for status in RunStatus.all_status()])
def test_every_status(client, run_id, status):
    client.update_run(run_id, status=status)
    assert client.get_run(run_id).info.status == status


def test_params_are_written_once(client, run_id, refused):
    client.log_param(run_id, "rate", 0.1)
    client.log_param(run_id, "rate", 0.1)
    client.log_param(run_id, "text", "Ünïcode 模型 🚀")
    with refused("INVALID_PARAMETER_VALUE", "Changing param values is not allowed"):
        client.log_param(run_id, "rate", 0.2)
    assert client.get_run(run_id).data.params == {"rate": "0.1", "text": "Ünïcode 模型 🚀"}


def test_tags_change_and_go(client, run_id, refused):
    client.set_tag(run_id, "color", "red")
    client.set_tag(run_id, "color", "blue")
    client.set_tag(run_id, "gone", "x")
    client.delete_tag(run_id, "gone")
    tags = client.get_run(run_id).data.tags
    assert tags["color"] == "blue" and "gone" not in tags
    with refused("RESOURCE_DOES_NOT_EXIST", "gone"):
        client.delete_tag(run_id, "gone")


def test_metric_history_keeps_every_point(client, run_id):
    for step in range(5):
        client.log_metric(run_id, "loss", 1 / (step + 1), timestamp=1000 + step, step=step)
    client.log_metric(run_id, "loss", 9.0, timestamp=500, step=2)
    history = client.get_metric_history(run_id, "loss")
    assert sorted((point.step, point.timestamp, point.value) for point in history) == sorted(
        [(step, 1000 + step, 1 / (step + 1)) for step in range(5)] + [(2, 500, 9.0)])
    assert client.get_run(run_id).data.metrics == {"loss": 0.2}
    assert client.get_metric_history(run_id, "unknown") == []


@pytest.mark.parametrize("value, stored", [
    (math.inf, 1.7976931348623157e308), (-math.inf, -1.7976931348623157e308), (1e-300, 1e-300), (-0.0, 0.0), (123456789.123, 123456789.123)])
def test_extreme_metrics(client, run_id, value, stored):
    client.log_metric(run_id, "extreme", value)
    assert client.get_run(run_id).data.metrics["extreme"] == stored
    assert client.get_metric_history(run_id, "extreme")[0].value == stored


def test_nan_metric(client, run_id):
    client.log_metric(run_id, "nan", math.nan, step=3)
    assert math.isnan(client.get_run(run_id).data.metrics["nan"])
    history = client.get_metric_history(run_id, "nan")
    assert math.isnan(history[0].value) and history[0].step == 3


def test_latest_metric_goes_by_step_then_time_then_value(client, run_id):
    client.log_batch(run_id, metrics=[
        Metric("m", 1.0, 100, 5), Metric("m", 2.0, 999, 4), Metric("m", 3.0, 101, 5), Metric("m", 2.5, 101, 5), Metric("n", 1.0, 1, -1)])
    assert client.get_run(run_id).data.metrics == {"m": 3.0, "n": 1.0}


def test_full_batch(client, run_id):
    now = int(time.time() * 1000)
    client.log_batch(
        run_id,
        metrics=[Metric(f"m{number}", number / 7, now, number) for number in range(800)],
        params=[Param(f"p{number}", str(number)) for number in range(100)],
        tags=[RunTag(f"t{number}", str(number)) for number in range(100)])
    data = client.get_run(run_id).data
    assert data.metrics == {f"m{number}": number / 7 for number in range(800)}
    assert data.params == {f"p{number}": str(number) for number in range(100)}
    assert {key: value for key, value in data.tags.items() if key.startswith("t")} == {f"t{number}": str(number) for number in range(100)}


def test_long_history_pages_through(client, run_id):
    for start in range(0, 3000, 1000):
        client.log_batch(run_id, metrics=[Metric("long", float(step), step, step) for step in range(start, start + 1000)])
    history = client.get_metric_history(run_id, "long")
    assert sorted(point.step for point in history) == list(range(3000))


def test_fluent_metrics_and_params(client, experiment_id):
    with mlflow.start_run(experiment_id=experiment_id, description="why", tags={"k": "v"}) as run:
        mlflow.log_params({"a": 1, "b": None})
        mlflow.log_metrics({"x": 1.5, "y": 2}, step=4)
        mlflow.set_tags({"s": 1})
    recorded = client.get_run(run.info.run_id)
    assert recorded.data.params == {"a": "1", "b": "None"}
    assert recorded.data.metrics == {"x": 1.5, "y": 2.0}
    assert recorded.data.tags["s"] == "1" and recorded.data.tags["mlflow.note.content"] == "why"
    assert recorded.info.end_time >= recorded.info.start_time


def test_nested_runs(client, experiment_id):
    with mlflow.start_run(experiment_id=experiment_id) as parent:
        children = []
        for number in range(3):
            with mlflow.start_run(experiment_id=experiment_id, nested=True) as child:
                mlflow.log_metric("number", number)
                children.append(child.info.run_id)
    found = client.search_runs(
        [experiment_id], f"tags.mlflow.parentRunId = '{parent.info.run_id}'", order_by=["metrics.number ASC"])
    assert [run.info.run_id for run in found] == children
    assert client.get_parent_run(children[0]).info.run_id == parent.info.run_id
    assert client.get_parent_run(parent.info.run_id) is None


def test_failed_run(client, experiment_id):
    with pytest.raises(ZeroDivisionError):
        with mlflow.start_run(experiment_id=experiment_id) as run:
            1 / 0
    assert client.get_run(run.info.run_id).info.status == "FAILED"


def test_resume(client, experiment_id):
    mlflow.set_experiment(experiment_id=experiment_id)
    with mlflow.start_run(experiment_id=experiment_id) as run:
        mlflow.log_metric("m", 1)
    with mlflow.start_run(run_id=run.info.run_id):
        mlflow.log_metric("m", 2, step=1)
    assert client.get_run(run.info.run_id).data.metrics == {"m": 2.0}


def test_delete_and_restore(client, experiment_id, run_id, refused):
    client.delete_run(run_id)
    assert client.get_run(run_id).info.lifecycle_stage == "deleted"
    assert client.search_runs([experiment_id]) == []
    with refused("INVALID_PARAMETER_VALUE", "active"):
        client.log_metric(run_id, "m", 1)
    client.restore_run(run_id)
    assert [run.info.run_id for run in client.search_runs([experiment_id])] == [run_id]


def test_refusals(client, experiment_id, run_id, refused):
    with refused("RESOURCE_DOES_NOT_EXIST", "Run with id=0123"):
        client.get_run("0123456789abcdef0123456789abcdef")
    with refused("RESOURCE_DOES_NOT_EXIST"):
        client.log_metric("0123456789abcdef0123456789abcdef", "m", 1)
    with refused("RESOURCE_DOES_NOT_EXIST"):
        client.create_run("99999999")
    with refused("INVALID_PARAMETER_VALUE"):
        client.log_param(run_id, "p" * 300, "x")
    with refused("INVALID_PARAMETER_VALUE"):
        client.set_tag(run_id, "../bad", "x")
    with refused("INVALID_PARAMETER_VALUE"):
        client.log_metric(run_id, "what?", 1)


def test_longest_values_fit(client, run_id):
    client.log_param(run_id, "p" * 250, "v" * 6000)
    client.set_tag(run_id, "t" * 250, "v" * 8000)
    data = client.get_run(run_id).data
    assert data.params["p" * 250] == "v" * 6000
    assert data.tags["t" * 250] == "v" * 8000


def test_async_logging_arrives(client, experiment_id):
    with mlflow.start_run(experiment_id=experiment_id) as run:
        for step in range(50):
            mlflow.log_metric("async", step, step=step, synchronous=False)
        mlflow.log_params({f"p{number}": number for number in range(20)}, synchronous=False)
        mlflow.flush_async_logging()
    assert len(client.get_metric_history(run.info.run_id, "async")) == 50
    assert len(client.get_run(run.info.run_id).data.params) == 20
