"""Search over registered models and versions: filters, order, pages."""

import uuid

import mlflow
import pytest
import requests

MARK = uuid.uuid4().hex[:10]


@pytest.fixture(scope="module", autouse=True)
def models(tracking_uri):
    """Models A, B, C (B tagged), A with three versions of two runs."""
    client = mlflow.MlflowClient(tracking_uri)
    experiment_id = client.create_experiment(f"registry-search-{MARK}")
    runs = [client.create_run(experiment_id).info for _ in range(2)]
    for letter in "ABC":
        client.create_registered_model(f"Find-{letter}-{MARK}", tags={"team": "blue"} if letter == "B" else None)
    for number, run in enumerate((runs[0], runs[0], runs[1]), start=1):
        client.create_model_version(
            f"Find-A-{MARK}", f"{run.artifact_uri}/model-{number}", run.run_id, tags={"odd": "yes" if number % 2 else "no"})
    client.set_registered_model_alias(f"Find-A-{MARK}", "champion", "2")
    client.set_model_version_tag(f"Find-A-{MARK}", "3", "extra", "1")
    return runs


def _letters(found):
    return "".join(model.name.split("-")[1] for model in found)


@pytest.mark.parametrize("text, letters", [
    (f"name LIKE '%{MARK}'", "ABC"),
    (f"name LIKE 'find%{MARK}'", ""),
    (f"name ILIKE 'find%{MARK}'", "ABC"),
    (f"name = 'Find-B-{MARK}'", "B"),
    (f"name LIKE '%{MARK}' AND name != 'Find-B-{MARK}'", "AC"),
    (f"name LIKE '%{MARK}' AND tags.team = 'blue'", "B"),
    (f"name LIKE '%{MARK}' and tag.`team` != 'red'", "B"),
    (f"name LIKE '%{MARK}' AND tags.team ILIKE 'BL%'", "B"),
    ("name = 'no such model'", ""),
])
def test_model_filters(client, text, letters):
    assert _letters(client.search_registered_models(text)) == letters


@pytest.mark.parametrize("order, letters", [
    (["name DESC"], "CBA"), (["name"], "ABC"), (["last_updated_timestamp DESC", "name ASC"], "ACB"), (["timestamp ASC", "name"], "BCA")])
def test_model_order(client, order, letters):
    found = _letters(client.search_registered_models(f"name LIKE '%{MARK}'", order_by=order))
    # Models created within one millisecond tie, and the name decides: only the place of A, updated last, is certain.
    assert found == letters if "name" in order[0] else found[0 if "DESC" in order[0] else -1] == "A"


def test_model_pages(client, all_pages):
    pages = all_pages(client.search_registered_models, filter_string=f"name LIKE '%{MARK}'", max_results=2)
    assert [_letters(page) for page in pages] == ["AB", "C"]


def test_found_models_tell_aliases_tags_and_latest_versions(client):
    model = client.search_registered_models(f"name = 'Find-A-{MARK}'")[0]
    assert model.aliases == {"champion": "2"}
    assert [version.version for version in model.latest_versions] == ["3"]
    assert client.search_registered_models(f"name = 'Find-B-{MARK}'")[0].tags == {"team": "blue"}


@pytest.mark.parametrize("text, numbers", [
    ("", "321"),
    (" AND version_number = 2", "2"),
    (" AND version_number >= 2", "32"),
    (" AND version_number != 2", "31"),
    (" AND tags.odd = 'yes'", "31"),
    (" AND tags.odd = 'yes' AND tags.extra = '1'", "3"),
    (" AND tags.odd LIKE 'n%'", "2"),
    (" AND source_path LIKE '%model-1'", "1"),
])
def test_version_filters(client, text, numbers):
    found = client.search_model_versions(f"name = 'Find-A-{MARK}'{text}", order_by=["version_number DESC"])
    assert "".join(version.version for version in found) == numbers


def test_versions_by_run(client, models):
    by_run = client.search_model_versions(f"run_id = '{models[0].run_id}'", order_by=["version_number ASC"])
    assert [version.version for version in by_run] == ["1", "2"]
    by_list = client.search_model_versions(f"run_id IN ('{models[0].run_id}', '{models[1].run_id}')")
    assert {version.version for version in by_list} == {"1", "2", "3"}


def test_version_order_and_pages(client, all_pages):
    mine = f"name = 'Find-A-{MARK}'"
    pages = all_pages(client.search_model_versions, filter_string=mine, max_results=2, order_by=["version_number ASC"])
    assert [[version.version for version in page] for page in pages] == [["1", "2"], ["3"]]
    assert [version.version for version in client.search_model_versions(mine, order_by=["creation_timestamp DESC"])][0] == "3"


def test_found_versions_tell_their_aliases(client, is_reference):
    if is_reference:
        pytest.skip("MLflow's server leaves aliases out of search answers; ModelRegistry fills them")
    found = {version.version: version.aliases for version in client.search_model_versions(f"name = 'Find-A-{MARK}'")}
    assert found == {"1": [], "2": ["champion"], "3": []}


def test_search_by_post(server_url, is_reference):
    if is_reference:
        pytest.skip("MLflow's server answers 405; ModelRegistry serves the R and PHP clients that POST")
    for route, key in (("registered-models/search", "registered_models"), ("model-versions/search", "model_versions")):
        answer = requests.post(f"{server_url}/api/2.0/mlflow/{route}", json={"filter": f"name = 'Find-A-{MARK}'"}, timeout=30)
        assert answer.status_code == 200
        assert {item["name"] for item in answer.json()[key]} == {f"Find-A-{MARK}"}


@pytest.mark.parametrize("text", ["nonsense = 'x'", "name > 'x'", "name = x", "name LIKE", "version_number = 1", "tags = 'x'"])
def test_bad_model_filters(client, refused, text):
    with refused("INVALID_PARAMETER_VALUE"):
        client.search_registered_models(text)


@pytest.mark.parametrize("text", ["nonsense = 'x'", "name > 'x'", "run_id IN ()", "name = 'x' OR name = 'y'"])
def test_bad_version_filters(client, refused, text):
    with refused("INVALID_PARAMETER_VALUE"):
        client.search_model_versions(text)


def test_bad_order_and_size(client, refused):
    with refused("INVALID_PARAMETER_VALUE"):
        client.search_registered_models(order_by=["nonsense"])
    with refused("INVALID_PARAMETER_VALUE"):
        client.search_registered_models(max_results=1001)
    with refused("INVALID_PARAMETER_VALUE"):
        client.search_model_versions(max_results=200_001)
