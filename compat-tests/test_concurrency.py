"""Many processes at once: nothing is lost, no number is given twice, nobody sees an error."""

import multiprocessing
import sys

import pytest
from mlflow import MlflowClient
from mlflow.entities import Metric

PROCESSES = 16


def _version(uri, start, name, source, number):
    client = MlflowClient(uri)
    start.wait(60)
    return int(client.create_model_version(name, source, tags={"process": str(number)}, await_creation_for=0).version)


def _batch(uri, start, run_id, number):
    client = MlflowClient(uri)
    start.wait(60)
    for step in range(5):
        client.log_batch(run_id, metrics=[Metric(f"m{number}", step, step, step), Metric("shared", number, step, step)])
        client.set_tag(run_id, f"last{number}", str(step))
    return number


def _tag(uri, start, run_id, number):
    client = MlflowClient(uri)
    start.wait(60)
    client.set_tag(run_id, "same", str(number))
    return number


def _alias(uri, start, name, number):
    client = MlflowClient(uri)
    start.wait(60)
    for _ in range(3):
        client.set_registered_model_alias(name, "champion", str(number % 4 + 1))
        client.get_model_version_by_alias(name, "champion")
    return number


def _answer(answers, work, uri, start, arguments):
    try:
        answers.put(work(uri, start, *arguments))
    except Exception as error:
        answers.put(f"{type(error).__name__}: {error}")


def _at_once(work, uri, arguments):
    """Runs the work in as many processes as there are arguments, all let loose together; errors come back as text."""
    context = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")
    start, answers = context.Barrier(len(arguments)), context.Queue()
    workers = [context.Process(target=_answer, args=(answers, work, uri, start, each)) for each in arguments]
    for worker in workers:
        worker.start()
    found = [answers.get(timeout=180) for _ in workers]
    for worker in workers:
        worker.join(60)
    return found


def test_versions_are_consecutive(client, tracking_uri, unique, experiment_id):
    source = f"{client.create_run(experiment_id).info.artifact_uri}/model"
    client.create_registered_model(unique("race"))
    found = _at_once(_version, tracking_uri, [(unique("race"), source, number) for number in range(PROCESSES)])
    assert sorted(found, key=str) == sorted(range(1, PROCESSES + 1), key=str)
    stored = client.search_model_versions(f"name = '{unique('race')}'")
    assert sorted(int(version.version) for version in stored) == list(range(1, PROCESSES + 1))
    assert {version.tags["process"] for version in stored} == {str(number) for number in range(PROCESSES)}


def test_every_metric_of_every_process_is_there(client, tracking_uri, run_id):
    found = _at_once(_batch, tracking_uri, [(run_id, number) for number in range(8)])
    assert sorted(found, key=str) == list(range(8))
    metrics = client.get_run(run_id).data.metrics
    assert metrics == {f"m{number}": 4.0 for number in range(8)} | {"shared": 7.0}
    assert len(client.get_metric_history(run_id, "shared")) == 40


def test_one_tag_set_by_every_process(client, tracking_uri, run_id, is_reference):
    if is_reference:
        pytest.skip("MLflow's server refuses some of them with the database's unique constraint")
    found = _at_once(_tag, tracking_uri, [(run_id, number) for number in range(8)])
    assert sorted(found, key=str) == list(range(8))
    assert client.get_run(run_id).data.tags["same"] in {str(number) for number in range(8)}


def test_alias_is_always_there_while_it_moves(client, tracking_uri, unique, experiment_id):
    source = f"{client.create_run(experiment_id).info.artifact_uri}/model"
    client.create_registered_model(unique("moving"))
    for _ in range(4):
        client.create_model_version(unique("moving"), source)
    client.set_registered_model_alias(unique("moving"), "champion", "1")
    found = _at_once(_alias, tracking_uri, [(unique("moving"), number) for number in range(8)])
    assert sorted(found, key=str) == list(range(8))


@pytest.mark.parametrize("kind", ["experiment", "model"])
def test_one_of_many_creates_the_name(client, tracking_uri, unique, kind):
    found = _at_once(_create, tracking_uri, [(kind, unique("once"))] * 8)
    assert sorted(found) == ["RESOURCE_ALREADY_EXISTS"] * 7 + ["created"]


def _create(uri, start, kind, name):
    client = MlflowClient(uri)
    start.wait(60)
    try:
        client.create_experiment(name) if kind == "experiment" else client.create_registered_model(name)
        return "created"
    except Exception as error:
        return getattr(error, "error_code", repr(error))
