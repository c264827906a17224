"""The filter grammar of runs, the order, the pages, and the data frame of the fluent call."""

import math
import uuid

import mlflow
import pytest
from mlflow.entities import ViewType


@pytest.fixture(scope="module")
def runs(tracking_uri):
    """An experiment with runs r0 to r5 that differ in every searchable way."""
    client = mlflow.MlflowClient(tracking_uri)
    experiment_id = client.create_experiment(f"search-{uuid.uuid4().hex[:10]}")
    ids = []
    for number in range(6):
        run = client.create_run(experiment_id, start_time=1000 * (number + 1), run_name=f"r{number}")
        client.log_param(run.info.run_id, "model kind", "tree" if number % 2 else "linear")
        client.log_param(run.info.run_id, "depth", number)
        client.log_metric(run.info.run_id, "score", number / 10)
        client.set_tag(run.info.run_id, "Team", "Blue" if number < 3 else "red")
        ids.append(run.info.run_id)
    client.log_metric(ids[0], "only", math.nan)
    client.log_metric(ids[1], "only", 5.0)
    client.log_metric(ids[2], "only", math.inf)
    client.set_terminated(ids[5], "FAILED", end_time=9000)
    client.set_terminated(ids[4], "FINISHED", end_time=9500)
    return experiment_id, ids


@pytest.mark.parametrize("text, expected", [
    ("metrics.score > 0.3", [4, 5]),
    ("metrics.score >= 0.3", [3, 4, 5]),
    ("metrics.score = 0.3", [3]),
    ("metrics.score != 0.3 AND metric.score < 0.5", [0, 1, 2, 4]),
    ("params.depth = '2'", [2]),
    ("params.depth != '2'", [0, 1, 3, 4, 5]),
    ("params.`model kind` = 'tree'", [1, 3, 5]),
    ('parameters."model kind" LIKE \'%ee\'', [1, 3, 5]),
    ("tags.Team = 'Blue'", [0, 1, 2]),
    ("tags.Team LIKE 'b%'", []),
    ("tags.Team ILIKE 'b%'", [0, 1, 2]),
    ("tag.`Team` != 'Blue' and params.depth = '4'", [4]),
    ("attributes.status = 'RUNNING'", [0, 1, 2, 3]),
    ("status != 'RUNNING'", [4, 5]),
    ("attributes.run_name = 'r3'", [3]),
    ("run_name ILIKE 'R_'", [0, 1, 2, 3, 4, 5]),
    ("attributes.`Run name` = 'r1'", [1]),
    ("start_time >= 5000", [4, 5]),
    ("attributes.start_time < 3000 AND params.`model kind` = 'tree'", [1]),
    ("end_time = 9000", [5]),
    ("attributes.Created > 5500", [5]),
    ("metrics.only > 4", [1, 2]),
    ("tags.mlflow.runName = 'r2'", [2]),
    ("params.missing = 'x'", []),
    ("tags.Team IS NOT NULL", [0, 1, 2, 3, 4, 5]),
    ("tags.Nobody IS NULL AND params.depth = '0'", [0]),
    ("params.depth IS NOT NULL AND params.nothing IS NULL", [0, 1, 2, 3, 4, 5]),
    ("", [0, 1, 2, 3, 4, 5]),
])
def test_filters(client, runs, text, expected):
    experiment_id, ids = runs
    found = client.search_runs([experiment_id], text, order_by=["start_time ASC"])
    assert [ids.index(run.info.run_id) for run in found] == expected


def test_filter_by_run_ids(client, runs):
    experiment_id, ids = runs
    found = client.search_runs([experiment_id], f"attributes.run_id IN ('{ids[1]}', '{ids[3]}')", order_by=["start_time"])
    assert [run.info.run_id for run in found] == [ids[1], ids[3]]


@pytest.mark.parametrize("order, expected", [
    (["metrics.score DESC"], [5, 4, 3, 2, 1, 0]),
    (["params.depth ASC"], [0, 1, 2, 3, 4, 5]),
    (["params.`model kind` ASC", "metrics.score DESC"], [4, 2, 0, 5, 3, 1]),
    (["tags.Team DESC", "start_time ASC"], [3, 4, 5, 0, 1, 2]),
    (["attributes.start_time DESC"], [5, 4, 3, 2, 1, 0]),
    (["attributes.end_time ASC", "start_time ASC"], [5, 4, 0, 1, 2, 3]),
    (["metrics.only ASC", "start_time ASC"], [1, 2, 0, 3, 4, 5]),
    (["metrics.only DESC", "start_time ASC"], [2, 1, 0, 3, 4, 5]),
    (["run_name DESC"], [5, 4, 3, 2, 1, 0]),
    (None, [5, 4, 3, 2, 1, 0]),
])
def test_order(client, runs, order, expected):
    experiment_id, ids = runs
    assert [ids.index(run.info.run_id) for run in client.search_runs([experiment_id], order_by=order)] == expected


@pytest.mark.parametrize("order", [["metrics.score ASC"], ["metrics.only DESC"], ["params.`model kind`"], None])
def test_pages_meet_without_gap_or_overlap(client, runs, all_pages, order):
    experiment_id, ids = runs
    pages = all_pages(client.search_runs, experiment_ids=[experiment_id], max_results=2, order_by=order)
    found = [run.info.run_id for page in pages for run in page]
    assert sorted(found) == sorted(ids)
    assert found == [run.info.run_id for run in client.search_runs([experiment_id], order_by=order)]


def test_several_experiments_and_deleted_runs(client, unique):
    first, second = client.create_experiment(unique("one")), client.create_experiment(unique("two"))
    kept, gone = client.create_run(first).info.run_id, client.create_run(second).info.run_id
    client.delete_run(gone)
    assert {run.info.run_id for run in client.search_runs([first, second], run_view_type=ViewType.ALL)} == {kept, gone}
    assert {run.info.run_id for run in client.search_runs([first, second])} == {kept}
    assert {run.info.run_id for run in client.search_runs([first, second], run_view_type=ViewType.DELETED_ONLY)} == {gone}
    assert client.search_runs([]) == []


def test_data_frame(runs):
    experiment_id, ids = runs
    frame = mlflow.search_runs([experiment_id], "metrics.score >= 0.2", order_by=["metrics.score ASC"])
    assert frame["run_id"].tolist() == ids[2:]
    assert frame["metrics.score"].tolist() == [0.2, 0.3, 0.4, 0.5]
    assert frame["params.depth"].tolist() == ["2", "3", "4", "5"]
    assert mlflow.search_runs(experiment_names=["no such experiment"]).empty


@pytest.mark.parametrize("text", [
    "metrics.score > 'x'", "params.depth > '1'", "attributes.nonsense = 'x'", "params.depth = 2", "metrics.score LIKE '1'",
    "score", "metrics.score >", "metrics.score > 1 OR params.depth = '1'", "params.depth IN ('1')", "tags.Team = 'unclosed", "foo.bar = 'x'"])
def test_bad_filters(client, runs, refused, text):
    with refused("INVALID_PARAMETER_VALUE"):
        client.search_runs([runs[0]], text)


def test_bad_order_size_and_token(client, runs, refused):
    with refused("INVALID_PARAMETER_VALUE"):
        client.search_runs([runs[0]], order_by=["metrics"])
    with refused("INVALID_PARAMETER_VALUE"):
        client.search_runs([runs[0]], order_by=["start_time SIDEWAYS"])
    with refused("INVALID_PARAMETER_VALUE"):
        client.search_runs([runs[0]], max_results=50_001)
