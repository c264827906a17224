// Traces, sessions, evaluation datasets, judges and settings in MLflow's own pages.
import assert from 'node:assert/strict';
import { eventually, startWalk } from './support/mlflow-ui.js';

const step = await startWalk();
const tab = (name) => ({ experiment }) => `/experiments/${experiment}/${name}`;

step('the overview counts traces', tab('overview/usage'), async (page) => {
  await page.getByText('Latency').first().waitFor();
  await page.locator('.recharts-bar-rectangle path').first().waitFor();
});

step('the traces are listed and one is opened', tab('traces'), async (page, { seeded }) => {
  await page.getByText('Who pays?').first().waitFor();
  await page.getByRole('link', { name: 'What is fraud?' }).or(page.getByText('What is fraud?')).first().click();
  await page.waitForURL(new RegExp(seeded.traces[0]));
  const trace = page.getByRole('dialog');
  await trace.getByText('ask_model').first().waitFor();
  await trace.getByText('relevance').first().waitFor();
  await trace.getByText('It depends').first().waitFor();
});

step('a trace gets feedback', ({ experiment, traces }) => `/experiments/${experiment}/traces?selectedEvaluationId=${traces[1]}`, async (page, { api, seeded }) => {
  const trace = page.getByRole('dialog');
  await trace.getByRole('button', { name: 'Show assessments' }).click();
  await trace.getByRole('button', { name: 'Add feedback' }).click();
  await page.getByRole('menuitem', { name: 'Human feedback' }).click();
  await trace.getByPlaceholder('Enter a feedback name').fill('helpful');
  await page.keyboard.press('Enter');
  await trace.getByRole('button', { name: 'Create' }).click();
  await trace.getByText('helpful').first().waitFor();
  await eventually(async () => {
    const { trace: { trace_info: info } } = await api.get(`/api/3.0/mlflow/traces/${seeded.traces[1]}`);
    assert.deepEqual([info.assessments[0].assessment_name, info.assessments[0].feedback.value], ['helpful', true]);
  });
});

step('the sessions are listed', tab('chat-sessions'), async (page) => {
  await page.getByText('session-1').first().waitFor();
});

step('a session shows its traces', tab('chat-sessions/session-1'), async (page) => {
  await page.getByText('It depends').first().waitFor();
});

step('the evaluation datasets are listed with their records', tab('datasets'), async (page) => {
  await page.getByText('questions', { exact: true }).first().waitFor();
  await page.getByText('What is fraud?').first().waitFor();
});

step('the judges are listed', tab('judges'), async (page) => {
  await page.getByText('is_polite').waitFor();
});

step('the evaluation runs are listed', tab('evaluation-runs'), async (page) => {
  await page.getByText('first-run').first().waitFor();
});

step('the prompts of the experiment are listed', tab('prompts'), async (page) => {
  await page.getByRole('link', { name: 'greeting' }).waitFor();
});

step('the settings tell of webhooks', () => '/settings/webhooks', async (page) => {
  await page.getByText('No webhooks configured').waitFor();
});

step('the settings tell that there are no keys of language models', () => '/settings/llm-connections', async (page) => {
  await page.getByText('No API keys created').waitFor();
});

step('the gateway says how to set it up', () => '/gateway', async (page) => {
  await page.getByText('Set up MLflow AI Gateway').waitFor();
});
