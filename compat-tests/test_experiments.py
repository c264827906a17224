"""Experiments: their life, their tags, and the search over them."""

import mlflow
import pytest
from mlflow.entities import ViewType


def test_create_get_and_get_by_name(client, unique):
    experiment_id = client.create_experiment(unique("e"), tags={"team": "blue", "ünï": "模型"})
    experiment = client.get_experiment(experiment_id)
    assert (experiment.name, experiment.lifecycle_stage) == (unique("e"), "active")
    assert experiment.tags == {"team": "blue", "ünï": "模型"}
    assert experiment.artifact_location == f"mlflow-artifacts:/{experiment_id}"
    assert experiment.creation_time == experiment.last_update_time
    assert client.get_experiment_by_name(unique("e")).experiment_id == experiment_id
    assert client.get_experiment_by_name(unique("nobody")) is None


def test_own_artifact_location_is_kept(client, unique):
    experiment_id = client.create_experiment(unique("e"), artifact_location="s3://bucket/some/where")
    assert client.get_experiment(experiment_id).artifact_location == "s3://bucket/some/where"
    run = client.create_run(experiment_id)
    assert run.info.artifact_uri == f"s3://bucket/some/where/{run.info.run_id}/artifacts"


def test_rename_and_tags(client, experiment_id, unique):
    client.rename_experiment(experiment_id, unique("renamed"))
    client.set_experiment_tag(experiment_id, "one", "1")
    client.set_experiment_tag(experiment_id, "one", "2")
    client.set_experiment_tag(experiment_id, "two", "x")
    client.delete_experiment_tag(experiment_id, "two")
    experiment = client.get_experiment(experiment_id)
    assert (experiment.name, experiment.tags) == (unique("renamed"), {"one": "2"})
    assert experiment.last_update_time >= experiment.creation_time


def test_delete_and_restore_take_the_runs_along(client, experiment_id, refused):
    run_id = client.create_run(experiment_id).info.run_id
    client.delete_experiment(experiment_id)
    assert client.get_experiment(experiment_id).lifecycle_stage == "deleted"
    assert client.get_run(run_id).info.lifecycle_stage == "deleted"
    with refused("INVALID_PARAMETER_VALUE", "active"):
        client.create_run(experiment_id)
    client.restore_experiment(experiment_id)
    assert client.get_experiment(experiment_id).lifecycle_stage == "active"
    assert client.get_run(run_id).info.lifecycle_stage == "active"


def test_refusals(client, experiment_id, unique, refused):
    name = client.get_experiment(experiment_id).name
    with refused("RESOURCE_ALREADY_EXISTS", name):
        client.create_experiment(name)
    with refused("RESOURCE_DOES_NOT_EXIST", "99999999"):
        client.get_experiment("99999999")
    with refused("RESOURCE_DOES_NOT_EXIST"):
        client.delete_experiment("99999999")
    with refused("INVALID_PARAMETER_VALUE"):
        client.create_experiment("")
    client.delete_experiment(experiment_id)
    with refused("RESOURCE_ALREADY_EXISTS", name):
        client.create_experiment(name)


def test_set_experiment_creates_once(client, unique):
    first = mlflow.set_experiment(unique("set"))
    second = mlflow.set_experiment(unique("set"))
    assert first.experiment_id == second.experiment_id
    with mlflow.start_run() as run:
        assert run.info.experiment_id == first.experiment_id


@pytest.fixture
def three(client, unique):
    """Names of three experiments: a (deleted), b (tag color=red), c (tag color=blue)."""
    names = [unique(letter) for letter in "abc"]
    ids = [client.create_experiment(names[0])]
    ids += [client.create_experiment(name, tags={"color": color}) for name, color in zip(names[1:], ("red", "blue"))]
    client.delete_experiment(ids[0])
    return names


def test_search_by_name_tag_and_view(client, three, unique):
    mine = f"name LIKE '%{unique('')}'"

    def names(**arguments):
        return [experiment.name for experiment in client.search_experiments(order_by=["name ASC"], **arguments)]

    a, b, c = three
    assert names(filter_string=mine) == [b, c]
    assert names(filter_string=mine, view_type=ViewType.ALL) == [a, b, c]
    assert names(filter_string=mine, view_type=ViewType.DELETED_ONLY) == [a]
    assert names(filter_string=f"{mine} AND tags.color = 'red'") == [b]
    assert names(filter_string=f"{mine} AND tags.color != 'red'") == [c]
    assert names(filter_string=f"{mine} AND tags.`color` ILIKE 'BL%'") == [c]
    assert names(filter_string=f"name = '{b}'") == [b]
    assert names(filter_string=f"{mine} AND name != '{b}' AND creation_time > 0") == [c]


def test_search_order_and_paging(client, unique, all_pages):
    names = [unique(f"page{number}") for number in range(7)]
    for name in names:
        client.create_experiment(name)
    mine = f"name LIKE 'page%{unique('')}'"
    pages = all_pages(client.search_experiments, filter_string=mine, max_results=3, order_by=["name DESC"])
    assert [len(page) for page in pages] == [3, 3, 1]
    assert [experiment.name for page in pages for experiment in page] == names[::-1]
    newest_first = [experiment.name for experiment in client.search_experiments(filter_string=mine)]
    assert newest_first == names[::-1]


def test_bad_searches(client, refused):
    with refused("INVALID_PARAMETER_VALUE"):
        client.search_experiments(filter_string="nonsense = 'x'")
    with refused("INVALID_PARAMETER_VALUE"):
        client.search_experiments(order_by=["nonsense"])
    with refused("INVALID_PARAMETER_VALUE"):
        client.search_experiments(max_results=1_000_000)
