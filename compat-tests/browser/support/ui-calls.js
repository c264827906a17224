// The calls that MLflow's pages make, in the forms in which they make them, and what has to come back.
import assert from 'node:assert/strict';

const ajax2 = '/ajax-api/2.0/mlflow/';
const ajax3 = '/ajax-api/3.0/mlflow/';
const withQuery = (path, query) => `${path}?${new URLSearchParams(query)}`;
const get = (path, query, check) => ({ method: 'GET', path: query ? withQuery(path, query) : path, check });
const send = (method, path, body, check) => ({ method, path, body, check });
const post = (path, body, check) => send('POST', path, body, check);

/** Calls that only read. @param seeded what `seed` has laid out */
export function readingCalls({ experiment, runs, model, prompt, traces, judge }) {
  const [run] = runs;
  const time = { start_time_ms: `${Date.now() - 86_400_000}`, end_time_ms: `${Date.now() + 60_000}` };
  const locations = [{ type: 'MLFLOW_EXPERIMENT', mlflow_experiment: { experiment_id: experiment } }];
  const measure = (body, check) => post(`${ajax3}traces/metrics`, { experiment_ids: [experiment], view_type: 'TRACES', ...body }, check);
  const count = [{ aggregation_type: 'COUNT' }];
  const latest = ['attributes.start_time DESC'];
  const recent = `attributes.timestamp_ms > ${time.start_time_ms} AND attributes.timestamp_ms < ${time.end_time_ms}`;
  const percentiles = [50, 99].map((percentile_value) => ({ aggregation_type: 'PERCENTILE', percentile_value }));
  const named = "name ILIKE '%FRAUD%' AND tags.`mlflow.experiment.isGateway` IS NULL";
  const isPrompt = "tags.`mlflow.prompt.is_prompt` = 'true'";
  return [
    get(`${ajax3}server-info`, null, (answer) => assert.equal(answer.workspaces_enabled, false)),
    get(`${ajax3}ui-telemetry`, null, (answer) => assert.equal(answer.disable_ui_telemetry, true)),
    get(`${ajax3}assistant/config`, null, (answer) => assert.deepEqual(answer.providers, {})),
    get(`${ajax2}gateway-proxy`, { gateway_path: 'api/2.0/endpoints/' }, (answer) => assert.deepEqual(answer.endpoints, [])),
    get(`${ajax2}webhooks`),
    get(`${ajax2}experiments/search`, { max_results: 25, order_by: 'last_update_time DESC', filter: named },
      (answer) => assert.deepEqual(answer.experiments.map((one) => one.name), ['fraud-detection'])),
    get(`${ajax2}experiments/get`, { experiment_id: experiment }, (answer) => assert.equal(answer.experiment.name, 'fraud-detection')),
    post(`${ajax2}experiments/search-datasets`, { experiment_ids: [experiment] }, (answer) => assert.equal(answer.dataset_summaries[0].name, 'payments')),
    post(`${ajax2}runs/search`, { experiment_ids: [experiment], filter: 'metrics.accuracy > 0.8', run_view_type: 'ACTIVE_ONLY', max_results: 100, order_by: latest },
      (answer) => assert.deepEqual(answer.runs.map((one) => one.info.run_name), ['second-run'])),
    post(`${ajax2}runs/search`, { experiment_ids: [experiment], filter: `tags.\`mlflow.parentRunId\` = '${run}'`, order_by: latest, max_results: 10 },
      (answer) => assert.deepEqual(answer.runs ?? [], [])),
    get(`${ajax2}runs/get`, { run_id: run }, (answer) => assert.equal(answer.run.info.run_name, 'first-run')),
    get(`${ajax2}metrics/get-history-bulk-interval`, [['run_ids', runs[0]], ['run_ids', runs[1]], ['metric_key', 'loss'], ['max_results', '320']],
      (answer) => assert.equal(answer.metrics.length, 80)),
    get(`${ajax2}metrics/get-history`, { run_uuid: run, metric_key: 'loss', max_results: '25000' }, (answer) => assert.equal(answer.metrics.length, 40)),
    get(`${ajax2}artifacts/list`, { run_uuid: run, path: 'model' }, (answer) => assert.deepEqual(answer.files.map((file) => file.path), ['model/MLmodel'])),
    get('/get-artifact', { path: 'table.csv', run_uuid: run }, (answer) => assert.equal(answer, 'a,b\n1,2\n')),
    post(`${ajax2}logged-models/search`, { experiment_ids: [experiment], order_by: [{ field_name: 'creation_time', ascending: false }], filter: '' }),
    get(`${ajax2}registered-models/search`, { filter: '', max_results: 25, order_by: 'name ASC' },
      (answer) => assert.deepEqual(answer.registered_models.map((one) => one.name), [model])),
    get(`${ajax2}registered-models/search`, null, (answer) => assert.deepEqual(answer.registered_models.map((one) => one.name), [model])),
    get(`${ajax2}registered-models/search`, { filter: "name ilike '%FRAUD%'", max_results: 5 }, (answer) => assert.equal(answer.registered_models.length, 1)),
    get(`${ajax2}registered-models/search`, { filter: isPrompt }, (answer) => assert.deepEqual(answer.registered_models.map((one) => one.name), [prompt])),
    get(`${ajax2}registered-models/get`, { name: model }, (answer) => assert.equal(answer.registered_model.aliases[0].alias, 'champion')),
    get(`${ajax2}model-versions/get`, { name: model, version: 1 }, (answer) => assert.deepEqual(answer.model_version.aliases, ['champion'])),
    get(`${ajax2}model-versions/search`, { filter: `run_id='${run}'` }, (answer) => assert.equal(answer.model_versions[0].name, model)),
    get(`${ajax2}model-versions/search`, { filter: `${isPrompt} AND tags.\`mlflow.prompt.run_ids\` ILIKE "%${run}%"` },
      (answer) => assert.equal(answer.model_versions, undefined)),
    get(`${ajax2}model-versions/search`, { filter: `name='${prompt}' AND ${isPrompt}` }, (answer) => assert.equal(answer.model_versions.length, 2)),
    get('/model-versions/get-artifact', { path: 'MLmodel', name: model, version: 1 }, (answer) => assert.match(answer, /signature/)),
    post(`${ajax3}traces/search`, { locations, filter: recent, max_results: 100, order_by: ['timestamp DESC'] },
      (answer) => assert.deepEqual(answer.traces.map((one) => one.trace_id).sort(), [...traces].sort())),
    post(`${ajax3}traces/search`, { locations, filter: "request_metadata.mlflow.trace.session ILIKE '%%'", max_results: 100 },
      (answer) => assert.equal(answer.traces.length, 2)),
    post(`${ajax3}traces/search`, { locations: [], max_results: 1, order_by: ['timestamp DESC'] }),
    get(`${ajax3}traces/${traces[0]}`, null, (answer) => assert.equal(answer.trace.trace_info.assessments[0].assessment_name, 'relevance')),
    get(`${ajax3}traces/get`, { trace_id: traces[0], allow_partial: 'true' }, (answer) => assert.equal(answer.trace.spans.length, 2)),
    get(`${ajax3}get-trace-artifact`, { request_id: traces[0] }, (answer) => assert.equal(JSON.parse(answer).spans.length, 2)),
    measure({ metric_name: 'trace_count', aggregations: count, time_interval_seconds: 86_400, dimensions: ['trace_status'], ...time },
      (answer) => assert.equal(answer.data_points.reduce((sum, point) => sum + point.values.COUNT, 0), 2)),
    measure({ metric_name: 'latency', aggregations: percentiles, time_interval_seconds: 86_400, ...time },
      (answer) => assert.ok(answer.data_points.length > 0)),
    measure({ view_type: 'ASSESSMENTS', metric_name: 'assessment_count', aggregations: count, dimensions: ['assessment_name', 'assessment_value'], ...time },
      (answer) => assert.equal(answer.data_points[0].dimensions.assessment_name, 'relevance')),
    post(`${ajax3}datasets/search`, { experiment_ids: [experiment], order_by: ['created_time DESC'], max_results: 50 },
      (answer) => assert.equal(answer.datasets[0].name, 'questions')),
    get(`${ajax3}scorers/list`, { experiment_id: experiment }, (answer) => assert.equal(answer.scorers[0].scorer_name, judge)),
  ];
}

/** Calls that change something, in an order in which each can succeed. */
export function changingCalls({ experiment, runs, model }) {
  const [run] = runs;
  const version = { name: model, version: '2' };
  return [
    post(`${ajax2}experiments/create`, { name: 'made in the browser' }, (answer) => assert.match(answer.experiment_id, /^\d+$/)),
    post(`${ajax2}experiments/update`, { experiment_id: experiment, new_name: 'renamed' }),
    post(`${ajax2}experiments/set-experiment-tag`, { experiment_id: experiment, key: 'mlflow.note.content', value: 'Second note' }),
    post(`${ajax2}runs/update`, { run_id: run, run_name: 'renamed run' }, (answer) => assert.equal(answer.run_info.run_name, 'renamed run')),
    post(`${ajax2}runs/set-tag`, { run_uuid: run, key: 'ui_tag', value: 'ui value' }),
    post(`${ajax2}runs/delete-tag`, { run_id: run, key: 'ui_tag' }),
    post(`${ajax2}runs/delete`, { run_id: run }),
    post(`${ajax2}runs/restore`, { run_id: run }),
    send('PATCH', `${ajax2}registered-models/update`, { name: model, description: 'New text' },
      (answer) => assert.equal(answer.registered_model.description, 'New text')),
    post(`${ajax2}registered-models/set-tag`, { name: model, key: 'owner', value: 'eve' }),
    send('DELETE', `${ajax2}registered-models/delete-tag`, { name: model, key: 'owner' }),
    post(`${ajax2}registered-models/alias`, { name: model, alias: 'champion', version: '2' }),
    send('PATCH', `${ajax2}model-versions/update`, { ...version, description: 'Better' }, (answer) => assert.deepEqual(answer.model_version.aliases, ['champion'])),
    post(`${ajax2}model-versions/set-tag`, { ...version, key: 'checked', value: 'no' }),
    send('DELETE', `${ajax2}model-versions/delete-tag`, { ...version, key: 'checked' }),
    post(`${ajax2}model-versions/transition-stage`, { ...version, stage: 'Production', archive_existing_versions: true },
      (answer) => assert.equal(answer.model_version.current_stage, 'Production')),
    post(`${ajax2}model-versions/create`, { name: model, source: `models:/${model}/2`, run_id: run, tags: [{ key: 'vtag', value: 'v3' }] },
      (answer) => assert.equal(answer.model_version.version, '3')),
    send('DELETE', `${ajax2}registered-models/alias`, { name: model, alias: 'champion', version: '2' }),
    send('DELETE', `${ajax2}model-versions/delete`, { name: model, version: '3' }),
    send('DELETE', `${ajax2}registered-models/delete`, { name: model }),
    post(`${ajax2}experiments/delete`, { experiment_id: experiment }),
  ];
}
