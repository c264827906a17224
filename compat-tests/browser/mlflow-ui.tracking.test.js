// Experiments, runs, their metrics and artifacts in MLflow's own pages.
import assert from 'node:assert/strict';
import { eventually, startWalk } from './support/mlflow-ui.js';

const step = await startWalk();
const runPage = (tab) => ({ experiment, runs }) => `/experiments/${experiment}/runs/${runs[0]}${tab}`;
const json = (value) => encodeURIComponent(JSON.stringify(value));
const badFilter = encodeURIComponent('metrics.accuracy >');

step('home lists the latest experiments', () => '/', async (page) => {
  await page.getByText('Recent Experiments').waitFor();
  await page.getByRole('link', { name: 'fraud-detection' }).waitFor();
});

step('the experiments are listed and searched', () => '/experiments', async (page) => {
  await page.getByRole('link', { name: 'Default' }).waitFor();
  await page.getByPlaceholder('Search experiments').fill('FRAUD');
  await page.keyboard.press('Enter');
  await page.getByRole('link', { name: 'Default' }).waitFor({ state: 'detached' });
  await page.getByRole('link', { name: 'fraud-detection' }).waitFor();
});

step('an experiment is made', () => '/experiments', async (page, { api }) => {
  await page.getByRole('button', { name: 'Create', exact: true }).click();
  await page.getByPlaceholder('Input an experiment name').fill('made by hand');
  await page.getByRole('dialog').getByRole('button', { name: 'Create' }).click();
  await page.waitForURL(/#\/experiments\/\d+/);
  await eventually(async () => assert.equal((await api.get('experiments/get-by-name?experiment_name=made+by+hand')).experiment.lifecycle_stage, 'active'));
}, [/404 GET .*get-by-name/]); // The form asks whether the name is free.

step('an experiment shows its runs, and those that a filter leaves', ({ experiment }) => `/experiments/${experiment}/runs`, async (page) => {
  await page.getByText('2 matching runs').waitFor();
  await page.getByPlaceholder('metrics.rmse < 1').fill('metrics.accuracy > 0.8');
  await page.keyboard.press('Enter');
  await page.getByText('1 matching run', { exact: true }).waitFor();
  await page.getByRole('link', { name: 'second-run' }).waitFor();
  assert.equal(await page.getByRole('link', { name: 'first-run' }).count(), 0);
});

step('the runs are drawn as charts', ({ experiment }) => `/experiments/${experiment}/runs?compareRunsMode=CHART&searchFilter=`, async (page) => {
  await page.locator('.js-plotly-plot .scatterlayer .trace').first().waitFor();
});

step('a run tells what was logged', runPage(''), async (page) => {
  for (const text of ['depth', 'accuracy', '0.7', 'Finished', 'payments', 'team', 'fraud-model'])
    await page.getByText(text, { exact: false }).first().waitFor();
});

step('a run is described', runPage(''), async (page, { api, seeded }) => {
  await page.getByRole('button', { name: 'Edit description' }).click();
  await page.locator('textarea').fill('Written in the browser');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Written in the browser').waitFor();
  await eventually(async () => {
    const { run } = await api.get(`runs/get?run_id=${seeded.runs[0]}`);
    assert.equal(run.data.tags.find((tag) => tag.key === 'mlflow.note.content')?.value, 'Written in the browser');
  });
});

step('the metrics of a run are drawn', runPage('/model-metrics'), async (page) => {
  await page.locator('.js-plotly-plot .scatterlayer .trace').first().waitFor();
  for (const metric of ['accuracy', 'loss']) await page.getByText(metric, { exact: true }).first().waitFor();
});

step('the artifacts of a run are listed and shown', runPage('/artifacts'), async (page) => {
  await page.getByText('notes.txt').click();
  await page.getByText('some notes').waitFor();
  await page.getByText('table.csv').click();
  await page.getByRole('cell', { name: '2' }).or(page.getByText('2', { exact: true })).first().waitFor();
  await page.getByText('page.html').click();
  await page.frameLocator('iframe').getByRole('heading', { name: 'Report' }).waitFor();
  await page.getByText('model', { exact: true }).click();
  await page.getByText('MLmodel', { exact: true }).click();
  await page.getByText('python_function').waitFor();
});

step('the traces of a run are listed', runPage('/traces'), async (page) => {
  await page.getByText('What is fraud?').first().waitFor();
});

step('a metric is drawn for two runs', ({ experiment, runs }) => `/metric?runs=${json(runs)}&metric=%22loss%22&experiments=${json([experiment])}`
  + `&plot_metric_keys=${json(['loss'])}&plot_layout=${json({ autosize: true, xaxis: {}, yaxis: {} })}&x_axis=step&y_axis_scale=linear`
  + '&line_smoothness=1&show_point=false&deselected_curves=[]&last_linear_y_axis_range=[]', async (page) => {
  await page.locator('.js-plotly-plot .scatterlayer .trace').nth(1).waitFor();
  await page.getByRole('link', { name: 'second-run' }).waitFor();
});

step('two runs are compared', ({ experiment, runs }) => `/compare-runs?runs=${json(runs)}&experiments=${json([experiment])}`, async (page) => {
  await page.getByText('Comparing 2 Runs from 1 Experiment').waitFor();
  for (const text of ['first-run', 'second-run', 'depth']) await page.getByText(text, { exact: true }).first().waitFor();
});

step('the runs of two experiments are shown together', ({ experiment }) => `/compare-experiments/s?experiments=${json(['0', experiment])}`, async (page) => {
  await page.getByText('Displaying Runs from 2 Experiments').waitFor();
  await page.getByText('2 matching runs').waitFor();
});

step('the logged models of an experiment are listed', ({ experiment }) => `/experiments/${experiment}/models`, async (page) => {
  await page.getByRole('link', { name: 'tree' }).waitFor();
});

step('a logged model is shown', ({ experiment, loggedModel }) => `/experiments/${experiment}/models/${loggedModel}`, async (page, { seeded }) => {
  await page.getByText(seeded.loggedModel).first().waitFor();
  await page.getByRole('link', { name: 'first-run' }).first().waitFor();
});

step('a run that does not exist is told', ({ experiment }) => `/experiments/${experiment}/runs/${'0'.repeat(32)}`, async (page) => {
  await page.getByText('does not exist').waitFor();
});

step('a run is deleted', ({ experiment, runs }) => `/experiments/${experiment}/runs/${runs[1]}`, async (page, { api, seeded }) => {
  await page.getByTestId('overflow-menu-trigger').click();
  await page.getByRole('menuitem', { name: 'Delete' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await page.waitForURL((url) => !url.hash.includes('/runs/'));
  await eventually(async () => assert.equal((await api.get(`runs/get?run_id=${seeded.runs[1]}`)).run.info.lifecycle_stage, 'deleted'));
});

// The last one: the browser remembers the filter of an experiment.
step('a filter that cannot be read is told', ({ experiment }) => `/experiments/${experiment}/runs?searchFilter=${badFilter}`, async (page) => {
  await page.getByText(/Invalid (filter|clause)/).first().waitFor();
}, [/400 POST .*runs\/search/, /console: /]);
