// One of everything that the pages show.
import { randomBytes } from 'node:crypto';

const mlmodel = `flavors:
  python_function:
    loader_module: mlflow.sklearn
signature:
  inputs: '[{"type": "double", "name": "amount", "required": true}]'
  outputs: '[{"type": "long", "required": true}]'
`;

const files = { 'notes.txt': 'some notes', 'table.csv': 'a,b\n1,2\n', 'page.html': '<h1>Report</h1>', 'model/MLmodel': mlmodel };

/** @param {import('./api.js').Api} api */
export async function seed(api) {
  const note = { key: 'mlflow.note.content', value: 'About fraud' };
  const { experiment_id: experiment } = await api.post('experiments/create', { name: 'fraud-detection', tags: [note] });
  const runs = [await seedRun(api, experiment, 'first-run', 0.7), await seedRun(api, experiment, 'second-run', 0.9)];
  return {
    experiment, runs,
    ...await seedModels(api, experiment, runs),
    ...await seedTraces(api, experiment, runs[0]),
    ...await seedEvaluation(api, experiment),
  };
}

async function seedRun(api, experiment, name, accuracy) {
  const start = { experiment_id: experiment, run_name: name, start_time: Date.now(), tags: [{ key: 'team', value: 'risk' }] };
  const { run: { info: { run_id: id } } } = await api.post('runs/create', start);
  const metrics = Array.from({ length: 40 }, (_, step) => ({ key: 'loss', value: 1 / (step + 1), timestamp: Date.now() + step, step }));
  metrics.push({ key: 'accuracy', value: accuracy, timestamp: Date.now(), step: 0 });
  await api.post('runs/log-batch', { run_id: id, metrics, params: [{ key: 'depth', value: '4' }] });
  const schema = '{"mlflow_colspec":[{"type":"double","name":"amount"}]}';
  const dataset = { name: 'payments', digest: 'abc123', source_type: 'local', source: '{"uri":"payments.csv"}', schema };
  await api.post('runs/log-inputs', { run_id: id, datasets: [{ tags: [{ key: 'mlflow.data.context', value: 'train' }], dataset }] });
  for (const [file, content] of Object.entries(files))
    await api.upload(experiment, id, file, content);
  await api.post('runs/update', { run_id: id, status: 'FINISHED', end_time: Date.now() });
  return id;
}

async function seedModels(api, experiment, runs) {
  const [model, prompt] = ['fraud-model', 'greeting'];
  await api.post('registered-models/create', { name: model, description: 'Finds fraud', tags: [{ key: 'owner', value: 'ana' }] });
  for (const run of runs)
    await api.post('model-versions/create', { name: model, source: `runs:/${run}/model`, run_id: run, tags: [{ key: 'checked', value: 'yes' }] });
  await api.post('registered-models/alias', { name: model, alias: 'champion', version: '1' });

  const isPrompt = { key: 'mlflow.prompt.is_prompt', value: 'true' };
  await api.post('registered-models/create', { name: prompt, tags: [isPrompt, { key: '_mlflow_experiment_ids', value: `,${experiment},` }] });
  for (const text of ['Hello {{ name }}', 'Good day {{ name }}']) {
    const tags = [isPrompt, { key: 'mlflow.prompt.text', value: text }, { key: '_mlflow_prompt_type', value: 'text' }];
    await api.post('model-versions/create', { name: prompt, source: 'dummy-source', tags });
  }

  const { model: { info: { model_id: loggedModel } } } = await api.post('logged-models', { experiment_id: experiment, name: 'tree', source_run_id: runs[0] });
  return { model, prompt, loggedModel };
}

async function seedTraces(api, experiment, run) {
  const traces = [];
  for (const question of ['What is fraud?', 'Who pays?']) {
    const hex = randomBytes(16).toString('hex');
    await api.post('/api/3.0/mlflow/traces', { trace: { trace_info: {
      trace_id: `tr-${hex}`,
      trace_location: { type: 'MLFLOW_EXPERIMENT', mlflow_experiment: { experiment_id: experiment } },
      request_time: new Date().toISOString(),
      execution_duration: '0.900s',
      state: 'OK',
      request_preview: question,
      response_preview: 'It depends',
      tags: { 'mlflow.traceName': 'answer' },
      trace_metadata: { 'mlflow.trace.session': 'session-1', 'mlflow.sourceRun': run, 'mlflow.trace_schema.version': '3' },
    } } });
    await api.send('POST', '/v1/traces', exportOf(hex, question), { 'x-mlflow-experiment-id': experiment });
    traces.push(`tr-${hex}`);
  }

  const feedback = { assessment_name: 'relevance', source: { source_type: 'HUMAN', source_id: 'ana' }, feedback: { value: true }, rationale: 'to the point' };
  await api.post(`/api/3.0/mlflow/traces/${traces[0]}/assessments`, { assessment: feedback });
  return { traces };
}

/** The two spans of a trace as OpenTelemetry's exporters send them. */
function exportOf(traceId, question) {
  const start = BigInt(Date.now()) * 1_000_000n;
  const span = (spanId, parentSpanId, name, end, attributes) => ({
    traceId, spanId, parentSpanId, name, startTimeUnixNano: `${start}`, endTimeUnixNano: `${start + end}`, status: { code: 1 },
    attributes: Object.entries(attributes).map(([key, value]) => ({ key, value: { stringValue: JSON.stringify(value) } })),
  });
  const root = span('00000000000000a1', '', 'answer', 900_000_000n, {
    'mlflow.spanType': 'AGENT', 'mlflow.spanInputs': { question }, 'mlflow.spanOutputs': { answer: 'It depends' },
  });
  const child = span('00000000000000b2', '00000000000000a1', 'ask_model', 500_000_000n, {
    'mlflow.spanType': 'LLM', 'mlflow.spanInputs': { messages: [{ role: 'user', content: question }] }, 'mlflow.spanOutputs': 'It depends',
    'mlflow.chat.tokenUsage': { input_tokens: 12, output_tokens: 3, total_tokens: 15 },
  });
  return { resourceSpans: [{ scopeSpans: [{ spans: [child, root] }] }] };
}

async function seedEvaluation(api, experiment) {
  const { dataset } = await api.post('/api/3.0/mlflow/datasets/create', { name: 'questions', experiment_ids: [experiment] });
  const records = [{ inputs: { question: 'What is fraud?' }, expectations: { answer: 'a crime' } }];
  await api.post(`/api/3.0/mlflow/datasets/${dataset.dataset_id}/records`, { records: JSON.stringify(records) });
  const judge = 'is_polite';
  const instructions = { instructions: 'Is {{ outputs }} polite?', model: 'openai:/gpt-4o' };
  const serialized = { name: judge, aggregations: [], mlflow_version: '3.11.0', serialization_version: 1, instructions_judge_pydantic_data: instructions };
  await api.post('/api/3.0/mlflow/scorers/register', { experiment_id: experiment, name: judge, serialized_scorer: JSON.stringify(serialized) });
  return { dataset: dataset.dataset_id, judge };
}
