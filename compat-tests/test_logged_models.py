"""Logged models of the 3.x line, and the datasets and models that runs name as inputs and outputs."""

import mlflow
import numpy
import pandas
import pytest
from mlflow.entities import LoggedModelInput, LoggedModelOutput, LoggedModelParameter, LoggedModelStatus, Metric


@pytest.fixture
def logged(client, experiment_id, run_id):
    return client.create_logged_model(
        experiment_id, name="net", source_run_id=run_id, tags={"a": "1"}, params={"depth": "3"}, model_type="classifier")


def test_create_and_get(client, logged, experiment_id, run_id):
    read = client.get_logged_model(logged.model_id)
    for model in (logged, read):
        assert (model.name, model.experiment_id, model.source_run_id) == ("net", experiment_id, run_id)
        assert (model.model_type, model.status) == ("classifier", LoggedModelStatus.PENDING)
        assert (model.params, model.tags["a"]) == ({"depth": "3"}, "1")
        assert model.artifact_location == f"mlflow-artifacts:/{experiment_id}/models/{model.model_id}/artifacts"


def test_finalize_and_delete(client, logged, refused):
    assert client.finalize_logged_model(logged.model_id, "READY").status == LoggedModelStatus.READY
    assert client.finalize_logged_model(logged.model_id, LoggedModelStatus.FAILED).status == LoggedModelStatus.FAILED
    client.delete_logged_model(logged.model_id)
    with refused("RESOURCE_DOES_NOT_EXIST", logged.model_id):
        client.get_logged_model(logged.model_id)


def test_tags_and_params(client, logged, refused):
    client.set_logged_model_tags(logged.model_id, {"a": "2", "b": "ü"})
    client.log_model_params(logged.model_id, {"width": "9"})
    client.delete_logged_model_tag(logged.model_id, "b")
    read = client.get_logged_model(logged.model_id)
    assert read.params == {"depth": "3", "width": "9"}
    assert read.tags["a"] == "2" and "b" not in read.tags
    with refused("RESOURCE_DOES_NOT_EXIST"):
        client.delete_logged_model_tag(logged.model_id, "b")


def test_metrics_of_a_model_and_dataset(client, logged, run_id):
    client.log_metric(run_id, "accuracy", 0.5, step=1, model_id=logged.model_id, dataset_name="train", dataset_digest="d1")
    client.log_batch(run_id, metrics=[Metric("accuracy", 0.75, 1000, 2, model_id=logged.model_id)])
    metrics = sorted(client.get_logged_model(logged.model_id).metrics, key=lambda metric: metric.step)
    assert [(m.key, m.value, m.step, m.run_id, m.dataset_name) for m in metrics] == [
        ("accuracy", 0.5, 1, run_id, "train"), ("accuracy", 0.75, 2, run_id, None)]


def test_artifacts(client, logged, tmp_path):
    (tmp_path / "tree" / "in ner").mkdir(parents=True)
    (tmp_path / "tree" / "MLmodel").write_text("flavors: {}")
    (tmp_path / "tree" / "in ner" / "ü.bin").write_bytes(b"123")
    client.log_model_artifacts(logged.model_id, str(tmp_path / "tree"))
    assert [(e.path, e.is_dir) for e in client.list_logged_model_artifacts(logged.model_id)] == [("MLmodel", False), ("in ner", True)]
    assert [(e.path, e.file_size) for e in client.list_logged_model_artifacts(logged.model_id, "in ner")] == [("in ner/ü.bin", 3)]


@pytest.fixture
def several(client, experiment_id, run_id):
    """Models m0 to m3 with param number, metric score, tag parity."""
    models = []
    for number in range(4):
        model = client.create_logged_model(
            experiment_id, name=f"m{number}", source_run_id=run_id, params={"number": str(number)},
            tags={"parity": "odd" if number % 2 else "even"}, model_type="kind")
        client.log_batch(run_id, metrics=[
            Metric("score", number / 10, 1000, 1, model_id=model.model_id, dataset_name="test", dataset_digest="d")])
        models.append(model)
    return models


@pytest.mark.parametrize("text, numbers", [
    (None, "3210"), ("name = 'm1'", "1"), ("name != 'm1'", "320"), ("metrics.score > 0.1", "32"), ("params.number = '2'", "2"),
    ("tags.parity = 'odd'", "31"), ("tags.parity = 'odd' AND metrics.score < 0.2", "1"), ("name IN ('m0', 'm3')", "30"), ("creation_timestamp > 0 AND model_type = 'kind'", "3210"),
])
def test_search_filters(client, experiment_id, several, text, numbers):
    found = client.search_logged_models(
        [experiment_id], filter_string=text, order_by=[{"field_name": "name", "ascending": False}])
    assert "".join(model.name[1] for model in found) == numbers


def test_search_order_pages_and_datasets(client, experiment_id, several, all_pages):
    order = [{"field_name": "metrics.score", "ascending": True, "dataset_name": "test", "dataset_digest": "d"}]
    pages = all_pages(client.search_logged_models, experiment_ids=[experiment_id], order_by=order, max_results=3)
    assert [[model.name for model in page] for page in pages] == [["m0", "m1", "m2"], ["m3"]]
    filtered = client.search_logged_models(
        [experiment_id], filter_string="metrics.score >= 0.2", datasets=[{"dataset_name": "other"}])
    assert list(filtered) == []


def test_bad_search(client, experiment_id, refused):
    with refused("INVALID_PARAMETER_VALUE"):
        client.search_logged_models([experiment_id], filter_string="nonsense ==")
    with refused("INVALID_PARAMETER_VALUE"):
        client.search_logged_models([experiment_id], order_by=[{"field_name": "nonsense"}])


def test_register_a_logged_model(client, logged, run_id, unique, tmp_path):
    (tmp_path / "MLmodel").write_text("flavors: {}")
    client.log_model_artifact(logged.model_id, str(tmp_path / "MLmodel"))
    client.finalize_logged_model(logged.model_id, "READY")
    client.create_registered_model(unique("m"))
    version = client.create_model_version(unique("m"), f"models:/{logged.model_id}", run_id, model_id=logged.model_id)
    assert version.source == f"models:/{logged.model_id}"
    assert client.get_model_version_download_uri(unique("m"), "1") == logged.artifact_location
    tag = client.get_logged_model(logged.model_id).tags["mlflow.modelVersions"]
    assert unique("m") in tag


def test_external_model_and_fluent_search(experiment_id):
    mlflow.set_experiment(experiment_id=experiment_id)
    model = mlflow.create_external_model(name="outside", params={"p": "1"}, tags={"t": "2"})
    assert mlflow.get_logged_model(model.model_id).status == LoggedModelStatus.READY
    frame = mlflow.search_logged_models([experiment_id], filter_string="name = 'outside'")
    assert frame["model_id"].tolist() == [model.model_id]


def test_run_inputs_and_outputs(client, logged, experiment_id):
    run_id = client.create_run(experiment_id).info.run_id
    client.log_inputs(run_id, models=[LoggedModelInput(logged.model_id)])
    client.log_outputs(run_id, [LoggedModelOutput(logged.model_id, step=7)])
    run = client.get_run(run_id)
    assert [entry.model_id for entry in run.inputs.model_inputs] == [logged.model_id]
    assert [(entry.model_id, entry.step) for entry in run.outputs.model_outputs] == [(logged.model_id, 7)]
    assert client.search_runs([experiment_id], f"attributes.run_id = '{run_id}'")[0].outputs.model_outputs[0].step == 7


def test_pandas_and_numpy_datasets(client, experiment_id):
    frame = pandas.DataFrame({"x": [1, 2], "y": [0.5, 1.5]})
    table = mlflow.data.from_pandas(frame, source="https://example.org/data.csv", name="table", targets="y")
    array = mlflow.data.from_numpy(numpy.arange(6).reshape(2, 3), source="https://example.org/data.npy", name="array")
    with mlflow.start_run(experiment_id=experiment_id) as run:
        mlflow.log_input(table, context="training", tags={"slice": "all"})
        mlflow.log_input(array, context="test")
        mlflow.log_input(table, context="training")
    inputs = {entry.dataset.name: entry for entry in client.get_run(run.info.run_id).inputs.dataset_inputs}
    assert set(inputs) == {"table", "array"}
    assert inputs["table"].dataset.digest == table.digest
    assert {tag.key: tag.value for tag in inputs["table"].tags} == {"mlflow.data.context": "training", "slice": "all"}
    source = mlflow.data.get_source(inputs["table"])
    assert source.url == "https://example.org/data.csv"


def test_runs_found_by_their_dataset(client, experiment_id):
    dataset = mlflow.data.from_numpy(numpy.ones(4), source="https://example.org/ones", name="ones")
    with mlflow.start_run(experiment_id=experiment_id) as run:
        mlflow.log_input(dataset, context="training")
    client.create_run(experiment_id)
    for text in ("datasets.name = 'ones'", f"dataset.digest = '{dataset.digest}'", "datasets.context = 'training'",
                 "datasets.name LIKE 'on%' AND datasets.context IN ('training', 'test')"):
        assert [found.info.run_id for found in client.search_runs([experiment_id], text)] == [run.info.run_id], text
    assert list(client.search_runs([experiment_id], "datasets.name = 'twos'")) == []
