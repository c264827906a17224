"""Traces: a decorated function and what can be done with its trace."""

import json

import mlflow
import pytest
from mlflow.entities import AssessmentSource, SpanType
from mlflow.exceptions import MlflowException


@pytest.fixture
def traced(experiment_id):
    """Calls a function with a nested span and gives the id of its trace."""
    mlflow.set_experiment(experiment_id=experiment_id)

    @mlflow.trace(name="outer", span_type=SpanType.CHAIN, attributes={"color": "blue"})
    def outer(x):
        with mlflow.start_span("inner", span_type=SpanType.TOOL) as span:
            span.set_inputs({"x": x})
            span.set_outputs(x + 1)
        if x < 0:
            raise ValueError("negative")
        return x + 1

    def call(x=1):
        try:
            outer(x)
        except ValueError:
            pass
        mlflow.flush_trace_async_logging()
        return mlflow.get_last_active_trace_id()

    return call


def test_a_decorated_function_is_read_back(client, traced, experiment_id):
    trace = client.get_trace(traced(41))
    assert trace.info.experiment_id == experiment_id
    assert trace.info.state == "OK"
    assert json.loads(trace.info.request_preview) == {"x": 41}
    assert trace.info.response_preview == "42"
    outer, inner = sorted(trace.data.spans, key=lambda span: span.name, reverse=True)
    assert (outer.name, outer.span_type, outer.parent_id, outer.inputs, outer.outputs) == ("outer", "CHAIN", None, {"x": 41}, 42)
    assert (inner.name, inner.span_type, inner.parent_id, inner.inputs, inner.outputs) == ("inner", "TOOL", outer.span_id, {"x": 41}, 42)
    assert outer.attributes["color"] == "blue"


def test_an_exception_is_an_error(client, traced):
    trace = client.get_trace(traced(-1))
    assert trace.info.state == "ERROR"
    [outer] = [span for span in trace.data.spans if span.name == "outer"]
    assert outer.status.status_code == "ERROR"
    assert [event.name for event in outer.events] == ["exception"]


def test_search(client, traced, experiment_id):
    good, bad = traced(1), traced(-1)

    def found(filter_string=None, **arguments):
        traces = client.search_traces(locations=[experiment_id], filter_string=filter_string, **arguments)
        return [trace.info.trace_id for trace in traces]

    assert found() == [bad, good]
    assert found(order_by=["timestamp_ms ASC"]) == [good, bad]
    assert found("status = 'OK'") == [good]
    assert found("name = 'outer' AND status = 'ERROR'") == [bad]
    assert found("span.name = 'inner'") == [bad, good]
    assert found("span.type = 'TOOL' AND span.name = 'outer'") == []
    page = client.search_traces(locations=[experiment_id], max_results=1)
    assert [trace.info.trace_id for trace in page] == [bad]
    assert {span.name for span in page[0].data.spans} == {"outer", "inner"}
    assert found(max_results=1, page_token=page.token) == [good]


def test_a_trace_within_a_run_is_found_by_it(client, traced, experiment_id):
    traced()
    with mlflow.start_run(experiment_id=experiment_id) as run:
        inside = traced()
    traces = client.search_traces(locations=[experiment_id], filter_string=f"run_id = '{run.info.run_id}'")
    assert [trace.info.trace_id for trace in traces] == [inside]


def test_tags(client, traced, experiment_id):
    trace_id = traced()
    client.set_trace_tag(trace_id, "team", "blue")
    assert client.get_trace(trace_id).info.tags["team"] == "blue"
    [found] = client.search_traces(locations=[experiment_id], filter_string="tags.team = 'blue'")
    assert found.info.trace_id == trace_id
    client.delete_trace_tag(trace_id, "team")
    assert "team" not in client.get_trace(trace_id).info.tags


def test_feedback_and_expectation(client, traced, experiment_id):
    trace_id = traced()
    human = AssessmentSource(source_type="HUMAN", source_id="bob")
    first = mlflow.log_feedback(trace_id=trace_id, name="good", value=True, source=human, rationale="why", metadata={"k": "v"})
    mlflow.log_expectation(trace_id=trace_id, name="answer", value={"is": [1, "two"]}, source=human)
    stored = {one.name: one for one in client.get_trace(trace_id).info.assessments}
    assert (stored["good"].value, stored["good"].rationale, stored["good"].metadata["k"]) == (True, "why", "v")
    assert stored["answer"].value == {"is": [1, "two"]}
    [found] = client.search_traces(locations=[experiment_id], filter_string="feedback.good = 'true'")
    assert found.info.trace_id == trace_id

    second = mlflow.override_feedback(trace_id=trace_id, assessment_id=first.assessment_id, value=False, source=human)
    assert mlflow.get_assessment(trace_id, first.assessment_id).valid is False
    mlflow.delete_assessment(trace_id=trace_id, assessment_id=second.assessment_id)
    assert mlflow.get_assessment(trace_id, first.assessment_id).valid is True


def test_delete(client, traced, experiment_id):
    gone, kept = traced(), traced()
    assert client.delete_traces(experiment_id, trace_ids=[gone]) == 1
    with pytest.raises(MlflowException, match="not found"):
        client.get_trace(gone)
    assert [trace.info.trace_id for trace in client.search_traces(locations=[experiment_id])] == [kept]
    assert client.delete_traces(experiment_id, max_timestamp_millis=9999999999999, max_traces=5) == 1
    assert list(client.search_traces(locations=[experiment_id])) == []
