"""Fills a server through the official client, and writes down everything that the client reads back.

    both_ways.py fill URL            makes experiments, runs, models and prompts
    both_ways.py read URL FILE       writes what is read back, in an order of its own, as JSON
    both_ways.py more URL            adds a run and a version to what is there
"""

import json
import os
import sys
from collections.abc import Iterable

os.environ.setdefault("GIT_PYTHON_REFRESH", "quiet")

import mlflow
import mlflow.genai
import numpy
from mlflow import MlflowClient
from mlflow.entities import (
    DatasetInput, InputTag, LoggedModelInput, LoggedModelOutput, Metric, Param, RunTag, ViewType)
from mlflow.entities._mlflow_object import _MlflowObject


def fill(client):
    kept = client.create_experiment("kept ü 模型", tags={"team": "blue"})
    gone = client.create_experiment("gone")
    run_ids = [client.create_run(kept, start_time=1000 + number, run_name=f"run {number}").info.run_id for number in range(3)]
    client.create_run(gone, start_time=5)
    client.delete_experiment(gone)
    for number, run_id in enumerate(run_ids):
        values = [number, float("nan"), float("inf"), -1e-300][: number + 2]
        client.log_batch(
            run_id,
            metrics=[Metric("loss", value, 1000 + step, step) for step, value in enumerate(values)],
            params=[Param("depth", str(number)), Param("empty", ""), Param("long", "v" * 6000)],
            tags=[RunTag("note", "Zeile\n\"ü\" 🚀")])
    client.set_terminated(run_ids[0], "FINISHED", 2000)
    client.delete_run(run_ids[2])
    dataset = mlflow.data.from_numpy(numpy.arange(6), source="https://example.org/data", name="numbers")
    client.log_inputs(run_ids[0], datasets=[DatasetInput(dataset._to_mlflow_entity(), [InputTag("mlflow.data.context", "training")])])
    model = client.create_logged_model(kept, name="net", source_run_id=run_ids[0], params={"layers": "3"}, tags={"a": "b"}, model_type="kind")
    client.log_metric(run_ids[0], "score", 0.5, timestamp=1, step=1, model_id=model.model_id)
    client.finalize_logged_model(model.model_id, "READY")
    client.log_outputs(run_ids[0], [LoggedModelOutput(model.model_id, step=2)])
    client.log_inputs(run_ids[1], models=[LoggedModelInput(model.model_id)])
    _fill_registry(client, run_ids, model.model_id)


def _fill_registry(client, run_ids, model_id):
    client.create_registered_model("prices", tags={"team": "blue"}, description="what *it* is")
    for number, run_id in enumerate(run_ids[:2] * 3):
        client.create_model_version("prices", f"s3://bucket/{number}", run_id, tags={"number": str(number)}, description=f"v{number}")
    for version, stage in (("1", "Archived"), ("2", "Production"), ("3", "Staging")):
        client.transition_model_version_stage("prices", version, stage)
    client.delete_model_version("prices", "4")
    client.set_registered_model_alias("prices", "champion", "2")
    client.set_registered_model_alias("prices", "next", "6")
    client.copy_model_version("models:/prices/2", "copy ü")
    client.create_model_version("copy ü", f"models:/{model_id}", run_ids[0], model_id=model_id)
    client.create_registered_model("old name")
    client.rename_registered_model("old name", "new name")
    mlflow.genai.register_prompt("greeting", "Say {{word}}.", commit_message="first", tags={"by": "me"})
    mlflow.genai.register_prompt("greeting", [{"role": "user", "content": "{{question}}"}])
    mlflow.genai.set_prompt_alias("greeting", "production", 1)


def more(client):
    experiment_id = client.get_experiment_by_name("kept ü 模型").experiment_id
    run = client.create_run(experiment_id, start_time=9000, run_name="by the other server")
    client.log_metric(run.info.run_id, "loss", 0.25, timestamp=1, step=1)
    count = len(client.search_model_versions("name = 'prices'"))
    version = client.create_model_version("prices", "s3://bucket/more", run.info.run_id)
    assert int(version.version) == count + 2, "numbers go on from the highest; version 4 was deleted"
    client.set_registered_model_alias("prices", "next", version.version)


def read(client):
    experiments = sorted(client.search_experiments(ViewType.ALL), key=lambda found: found.experiment_id)
    ids = [found.experiment_id for found in experiments]
    runs = client.search_runs(ids, run_view_type=ViewType.ALL, order_by=["start_time ASC"])
    names = [model.name for model in client.search_registered_models(order_by=["name ASC"])]
    versions = [found for name in names for found in client.search_model_versions(f"name = '{name}'", order_by=["version_number ASC"])]
    logged = client.search_logged_models(ids, order_by=[{"field_name": "creation_timestamp", "ascending": True}])
    return _plain({
        "experiments": experiments,
        "runs": [client.get_run(run.info.run_id) for run in runs],
        "found runs": list(runs),
        "histories": [client.get_metric_history(run.info.run_id, "loss") for run in runs],
        "models": [_model(client.get_registered_model(name)) for name in names],
        "versions": [client.get_model_version(found.name, found.version) for found in versions],
        "downloads": [client.get_model_version_download_uri(found.name, found.version) for found in versions],
        "champion": client.get_model_version_by_alias("prices", "champion"),
        "by filter": client.search_runs(ids, "metrics.loss > 0 AND params.depth != '9'", run_view_type=ViewType.ALL),
        "logged models": [client.get_logged_model(model.model_id) for model in logged],
        "prompts": [_prompt(mlflow.genai.load_prompt("greeting", version=version)) for version in (1, 2)],
        "by alias": _prompt(mlflow.genai.load_prompt("prompts:/greeting@production")),
    })


def _model(model):
    """Without the aliases of its latest versions, which ModelRegistry tells there and MLflow's server does not."""
    latest = [{**dict(version), "aliases": None} for version in model.latest_versions]
    return {**dict(model), "latest_versions": latest}


def _prompt(prompt):
    return {name: getattr(prompt, name) for name in (
        "name", "version", "template", "commit_message", "tags", "aliases", "creation_timestamp", "last_updated_timestamp", "uri")}


def _plain(value):
    """As JSON: objects by their attributes, NaN and infinities by name, lists without an order of their own sorted."""
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, _MlflowObject):
        return _plain(dict(value))
    if isinstance(value, dict):
        return {str(key): _plain(each) for key, each in sorted(value.items(), key=lambda item: str(item[0]))}
    if not isinstance(value, str) and isinstance(value, Iterable):
        return sorted((_plain(each) for each in value), key=lambda each: json.dumps(each, sort_keys=True))
    return value


def main():
    what, url = sys.argv[1:3]
    mlflow.set_tracking_uri(url)
    client = MlflowClient(url)
    if what == "read":
        with open(sys.argv[3], "w", encoding="utf-8") as file:
            json.dump(read(client), file, indent=1, ensure_ascii=False, default=str, sort_keys=True)
    else:
        {"fill": fill, "more": more}[what](client)


if __name__ == "__main__":
    main()
