"""A person trains a model, logs it, registers it, names it, and another process loads it."""

import json
import subprocess
import sys

import mlflow
import numpy
import pytest
from mlflow.models import infer_signature
from sklearn.datasets import load_diabetes, load_iris
from sklearn.ensemble import RandomForestRegressor
from sklearn.linear_model import LogisticRegression

FEATURES, LABELS = load_iris(return_X_y=True)


def _fit(regularization=1.0):
    return LogisticRegression(C=regularization, max_iter=500).fit(FEATURES, LABELS)


def _log(model, **arguments):
    signature = infer_signature(FEATURES, model.predict(FEATURES))
    return mlflow.sklearn.log_model(
        model, signature=signature, serialization_format="cloudpickle", **arguments)


@pytest.fixture
def registered(experiment_id, unique):
    """(name, fitted model, what log_model answered) of a model registered while it was logged."""
    name, model = unique("iris"), _fit()
    with mlflow.start_run(experiment_id=experiment_id):
        logged = _log(model, name="model", registered_model_name=name, input_example=FEATURES[:2])
    return name, model, logged


def test_log_model_registers_the_first_version(client, registered):
    name, _, logged = registered
    version = client.get_model_version(name, "1")
    assert (version.name, version.version, version.status) == (name, "1", "READY")
    assert version.run_id == logged.run_id
    assert version.source == f"models:/{logged.model_id}"
    assert logged.registered_model_version in (1, "1")


def test_model_loads_by_version_alias_and_stage(client, registered):
    name, model, _ = registered
    client.set_registered_model_alias(name, "champion", "1")
    client.transition_model_version_stage(name, "1", "Production")
    for uri in (f"models:/{name}/1", f"models:/{name}@champion", f"models:/{name}/Production", f"models:/{name}/latest"):
        loaded = mlflow.sklearn.load_model(uri)
        assert (loaded.predict(FEATURES) == model.predict(FEATURES)).all(), uri
        assert numpy.allclose(loaded.predict_proba(FEATURES), model.predict_proba(FEATURES)), uri


def test_model_loads_as_pyfunc_with_its_signature_and_example(registered):
    name, model, logged = registered
    loaded = mlflow.pyfunc.load_model(f"models:/{name}/1")
    assert (loaded.predict(FEATURES) == model.predict(FEATURES)).all()
    assert loaded.metadata.signature == logged.signature
    assert loaded.metadata.model_id == logged.model_id
    assert (loaded.input_example == FEATURES[:2]).all()
    assert mlflow.models.get_model_info(f"models:/{name}/1").signature == logged.signature


def test_model_loads_from_its_run_and_from_its_id(registered):
    _, model, logged = registered
    for uri in (f"models:/{logged.model_id}", f"runs:/{logged.run_id}/model"):
        assert (mlflow.sklearn.load_model(uri).predict(FEATURES) == model.predict(FEATURES)).all(), uri


def test_another_process_loads_the_alias(client, registered, tracking_uri):
    name, model, _ = registered
    client.set_registered_model_alias(name, "champion", "1")
    program = (
        "import json, sys, mlflow; from sklearn.datasets import load_iris\n"
        "mlflow.set_tracking_uri(sys.argv[1])\n"
        "model = mlflow.sklearn.load_model(sys.argv[2])\n"
        "print('ANSWER', json.dumps(model.predict(load_iris(return_X_y=True)[0]).tolist()))\n")
    output = subprocess.run(
        [sys.executable, "-c", program, tracking_uri, f"models:/{name}@champion"],
        capture_output=True, text=True, timeout=180, check=True).stdout
    answer = next(line for line in output.splitlines() if line.startswith("ANSWER "))
    assert json.loads(answer[len("ANSWER "):]) == model.predict(FEATURES).tolist()


def test_alias_moves_to_a_better_version(client, registered, experiment_id):
    name, _, _ = registered
    better = _fit(regularization=0.01)
    with mlflow.start_run(experiment_id=experiment_id):
        _log(better, name="model", registered_model_name=name)
    client.set_registered_model_alias(name, "champion", "1")
    client.set_registered_model_alias(name, "champion", "2")
    assert client.get_model_version_by_alias(name, "champion").version == "2"
    loaded = mlflow.sklearn.load_model(f"models:/{name}@champion")
    assert numpy.allclose(loaded.coef_, better.coef_)
    assert client.get_registered_model(name).aliases == {"champion": "2"}


def test_autolog_records_the_training(client, experiment_id, unique):
    features, target = load_diabetes(return_X_y=True, as_frame=True)
    mlflow.sklearn.autolog(log_datasets=True, registered_model_name=unique("auto"), serialization_format="cloudpickle")
    try:
        with mlflow.start_run(experiment_id=experiment_id) as run:
            model = RandomForestRegressor(n_estimators=5, max_depth=3, random_state=7).fit(features, target)
    finally:
        mlflow.sklearn.autolog(disable=True)
    recorded = client.get_run(run.info.run_id)
    assert recorded.info.status == "FINISHED"
    assert recorded.data.params["n_estimators"] == "5"
    assert recorded.data.params["max_depth"] == "3"
    assert recorded.data.metrics["training_score"] == pytest.approx(model.score(features, target))
    assert recorded.data.tags["estimator_name"] == "RandomForestRegressor"
    assert len(recorded.inputs.dataset_inputs) == 1
    assert len(recorded.outputs.model_outputs) == 1
    loaded = mlflow.sklearn.load_model(f"models:/{unique('auto')}/1")
    assert numpy.allclose(loaded.predict(features), model.predict(features))


def test_register_model_from_runs_and_models_uris(client, registered, unique):
    _, model, logged = registered
    for place, uri in enumerate((f"runs:/{logged.run_id}/model", f"models:/{logged.model_id}"), start=1):
        version = mlflow.register_model(uri, unique("again"), tags={"from": uri.split(":")[0]})
        assert version.version == str(place) or version.version == place
        assert version.tags == {"from": uri.split(":")[0]}
        assert version.run_id == logged.run_id
        loaded = mlflow.sklearn.load_model(f"models:/{unique('again')}/{place}")
        assert (loaded.predict(FEATURES) == model.predict(FEATURES)).all()


def test_copied_version_still_loads(client, registered, unique):
    name, model, _ = registered
    copy = client.copy_model_version(f"models:/{name}/1", unique("production"))
    assert (copy.name, copy.version) == (unique("production"), "1")
    assert copy.source == f"models:/{name}/1"
    assert (mlflow.sklearn.load_model(f"models:/{copy.name}/1").predict(FEATURES) == model.predict(FEATURES)).all()
    again = client.copy_model_version(f"models:/{copy.name}/1", unique("production"))
    assert again.version == "2"
    assert (mlflow.sklearn.load_model(f"models:/{copy.name}/2").predict(FEATURES) == model.predict(FEATURES)).all()


def test_renamed_model_still_loads(client, registered, unique):
    name, model, _ = registered
    client.rename_registered_model(name, unique("renamed"))
    loaded = mlflow.sklearn.load_model(f"models:/{unique('renamed')}/1")
    assert (loaded.predict(FEATURES) == model.predict(FEATURES)).all()


def test_evaluate_logs_metrics_to_the_model(client, experiment_id, registered):
    _, model, logged = registered
    with mlflow.start_run(experiment_id=experiment_id):
        mlflow.log_metric("accuracy", model.score(FEATURES, LABELS), model_id=logged.model_id)
    metrics = {metric.key: metric.value for metric in client.get_logged_model(logged.model_id).metrics}
    assert metrics["accuracy"] == pytest.approx(model.score(FEATURES, LABELS))
