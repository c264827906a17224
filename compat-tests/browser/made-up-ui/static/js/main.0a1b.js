// Web pages in the manner of MLflow's: everything is behind the #, and comes by relative addresses from the server they were loaded from.
const root = document.getElementById('root');

/** A call as MLflow's pages make them; an answer that is no success is thrown. */
window.call = async (method, path, body) => {
  const answer = await fetch(path, { method, headers: body && { 'Content-Type': 'application/json' }, body: body && JSON.stringify(body) });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
  return answer.headers.get('content-type')?.includes('json') ? JSON.parse(text) : text;
};

const mlflow = (method, path, body) => window.call(method, `ajax-api/2.0/mlflow/${path}`, body);

const runQuery = `query GetRun($data: MlflowGetRunInput!) @component(name: "Run") {
  mlflowGetRun(input: $data) {
    apiError { code message __typename }
    run { info { ...Info __typename } experiment { name __typename } data { metrics { key value step __typename } __typename } modelVersions { name version __typename } __typename }
    __typename
  }
}
fragment Info on MlflowRunInfo { runName status runUuid }`;

const pages = [
  [/^#\/experiments$/, async () => {
    const query = new URLSearchParams({ max_results: 25, order_by: 'last_update_time DESC', filter: 'tags.`mlflow.experiment.isGateway` IS NULL' });
    const { experiments } = await mlflow('GET', `experiments/search?${query}`);
    return experiments.map((experiment) => experiment.name);
  }],
  [/^#\/experiments\/(\d+)\/runs\/(\w+)$/, async (_, run) => {
    const { data } = await window.call('POST', 'graphql', { operationName: 'GetRun', variables: { data: { runId: run } }, query: runQuery });
    const found = data.mlflowGetRun.run;
    const { files } = await mlflow('GET', `artifacts/list?run_uuid=${run}`);
    const notes = await window.call('GET', `get-artifact?path=notes.txt&run_uuid=${run}`);
    return [found.info.runName, found.info.status, found.experiment.name, ...found.data.metrics.map((metric) => `${metric.key}=${metric.value}`),
      ...found.modelVersions.map((version) => `${version.name} v${version.version}`), ...files.map((file) => file.path), notes];
  }],
  [/^#\/models\/([^/]+)$/, async (name) => {
    const { registered_model: model } = await mlflow('GET', `registered-models/get?name=${name}`);
    const query = new URLSearchParams({ filter: `name='${decodeURIComponent(name)}'`, max_results: 25, order_by: 'creation_timestamp DESC' });
    const { model_versions: versions } = await mlflow('GET', `model-versions/search?${query}`);
    return [model.description, ...versions.map((version) => `v${version.version} ${version.current_stage} ${(version.aliases ?? []).join()}`)];
  }],
];

async function show() {
  for (const [pattern, read] of pages) {
    const parts = pattern.exec(location.hash);
    if (!parts) continue;
    root.dataset.page = 'waiting';
    const lines = await read(...parts.slice(1));
    root.replaceChildren(...lines.map((line) => Object.assign(document.createElement('p'), { textContent: line })));
    root.dataset.page = location.hash;
    return;
  }

  root.textContent = 'home';
}

addEventListener('hashchange', show);
await show();
