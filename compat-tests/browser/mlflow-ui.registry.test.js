// Registered models, their versions and prompts in MLflow's own pages: what is shown, and what is changed by hand.
import assert from 'node:assert/strict';
import { eventually, startWalk } from './support/mlflow-ui.js';

const step = await startWalk();
const json = (value) => encodeURIComponent(JSON.stringify(value));
const modelPage = ({ model }) => `/models/${model}`;
const versionPage = (version) => ({ model }) => `/models/${model}/versions/${version}`;
const modelOf = async (api, seeded) => (await api.get(`registered-models/get?name=${seeded.model}`)).registered_model;
const versionOf = async (api, seeded, version) => (await api.get(`model-versions/get?name=${seeded.model}&version=${version}`)).model_version;

step('the models are listed and searched', () => '/models', async (page) => {
  await page.getByRole('link', { name: 'fraud-model' }).waitFor();
  await page.getByText('champion').waitFor();
  await page.getByTestId('model-search-input').fill('nothing-like-it');
  await page.keyboard.press('Enter');
  await page.getByRole('link', { name: 'fraud-model' }).waitFor({ state: 'detached' });
});

step('a model shows its versions', modelPage, async (page) => {
  for (const text of ['Finds fraud', 'owner', 'ana', 'champion']) await page.getByText(text, { exact: false }).first().waitFor();
  await page.getByRole('link', { name: 'Version 2' }).waitFor();
});

step('a model is described', modelPage, async (page, { api, seeded }) => {
  await page.getByTestId('descriptionEditButton').click();
  await page.locator('textarea').fill('Finds more fraud');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Finds more fraud').waitFor();
  await eventually(async () => assert.equal((await modelOf(api, seeded)).description, 'Finds more fraud'));
});

step('a model gets a tag', modelPage, async (page, { api, seeded }) => {
  await page.getByTestId('tags-form-input-name').fill('team');
  await page.getByTestId('tags-form-input-value').fill('risk');
  await page.getByTestId('add-tag-button').click();
  await page.getByRole('cell', { name: 'risk' }).or(page.getByText('risk', { exact: true })).first().waitFor();
  await eventually(async () => assert.deepEqual((await modelOf(api, seeded)).tags.find((tag) => tag.key === 'team'), { key: 'team', value: 'risk' }));
});

step('a version tells where it comes from', versionPage(1), async (page) => {
  await page.getByRole('link', { name: 'first-run' }).waitFor();
  await page.getByText('Inputs (1)').waitFor();
  await page.getByText('champion').waitFor();
});

step('a version is described', versionPage(2), async (page, { api, seeded }) => {
  await page.getByTestId('descriptionEditButton').click();
  await page.locator('textarea').fill('The second try');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('The second try').waitFor();
  await eventually(async () => assert.equal((await versionOf(api, seeded, 2)).description, 'The second try'));
});

step('an alias moves to another version', versionPage(2), async (page, { api, seeded }) => {
  await page.getByRole('button', { name: 'Add' }).first().click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('combobox').fill('champion');
  await page.keyboard.press('Enter');
  await dialog.getByText('is also being used on version 1').waitFor();
  await dialog.getByRole('button', { name: 'Save aliases' }).click();
  await dialog.waitFor({ state: 'hidden' });
  await eventually(async () => assert.deepEqual((await modelOf(api, seeded)).aliases, [{ alias: 'champion', version: '2' }]));
});

step('a tag of a version is added and removed', versionPage(2), async (page, { api, seeded }) => {
  await page.getByTestId('tags-form-input-name').fill('reviewed');
  await page.getByTestId('add-tag-button').click();
  await page.getByText('reviewed', { exact: true }).first().waitFor();
  await eventually(async () => assert.ok((await versionOf(api, seeded, 2)).tags.some((tag) => tag.key === 'reviewed')));
  await page.locator('tr', { hasText: 'checked' }).getByRole('button').last().click();
  await page.getByRole('button', { name: /^(Confirm|OK|Yes)$/ }).click();
  await page.getByText('checked', { exact: true }).waitFor({ state: 'detached' });
  await eventually(async () => assert.deepEqual((await versionOf(api, seeded, 2)).tags.map((tag) => tag.key), ['reviewed']));
});

step('two versions are compared', ({ model, runs }) => `/compare-model-versions?name=${json(model)}&runs=${json({ 1: runs[0], 2: runs[1] })}`, async (page) => {
  await page.getByText('Comparing 2 Versions').waitFor();
  for (const text of ['0.7', '0.9']) await page.getByText(text, { exact: true }).first().waitFor();
});

step('a version changes its stage', versionPage(1), async (page, { api, seeded }) => {
  await page.getByRole('switch').click();
  await page.getByRole('dialog').getByRole('button').last().click();
  await page.locator('.mlflow-stage-transition-dropdown').click();
  await page.locator('.ant-dropdown, [class*=dropdown]').getByText('Staging', { exact: true }).last().click();
  await page.getByRole('dialog').getByRole('button', { name: 'OK' }).click();
  await page.getByRole('dialog').waitFor({ state: 'hidden' });
  await eventually(async () => assert.equal((await versionOf(api, seeded, 1)).current_stage, 'Staging'));
});

step('a version is deleted', versionPage(2), async (page, { api, seeded }) => {
  await page.getByTestId('overflow-menu-trigger').click();
  await page.getByRole('menuitem', { name: 'Delete' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await page.waitForURL(/#\/models\/fraud-model$/);
  await eventually(() => assert.rejects(versionOf(api, seeded, 2), /RESOURCE_DOES_NOT_EXIST/));
});

step('a model is made and deleted', () => '/models', async (page, { api }) => {
  await page.getByTestId('create-model-button').click();
  await page.getByRole('dialog').getByRole('textbox').fill('by-hand');
  await page.getByRole('dialog').getByRole('button', { name: 'Create' }).click();
  await page.waitForURL(/#\/models\/by-hand$/);
  await page.getByTestId('overflow-menu-trigger').click();
  await page.getByRole('menuitem', { name: 'Delete' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await page.waitForURL(/#\/models$/);
  await eventually(() => assert.rejects(api.get('registered-models/get?name=by-hand'), /RESOURCE_DOES_NOT_EXIST/));
}, [/404 GET .*name=by-hand/]); // The page that is left asks once more.

step('a model that does not exist is told', () => '/models/none', async (page) => {
  await page.getByText('Model none does not exist').waitFor();
}, [/404 GET .*registered-models\/get/]);

step('the prompts are listed', () => '/prompts', async (page) => {
  await page.getByRole('link', { name: 'greeting' }).waitFor();
  assert.equal(await page.getByText('fraud-model').count(), 0);
});

step('a prompt shows its versions', ({ prompt }) => `/prompts/${prompt}`, async (page) => {
  await page.getByText('Good day').waitFor();
  await page.getByText('Version 1', { exact: true }).click();
  await page.getByText('Hello').waitFor();
});

step('a prompt is made', () => '/prompts', async (page, { api }) => {
  await page.getByRole('button', { name: 'Create prompt' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('textbox').nth(0).fill('farewell');
  await dialog.getByRole('textbox').nth(1).fill('Bye {{ name }}');
  await dialog.getByRole('button', { name: 'Create' }).click();
  await page.waitForURL(/farewell/);
  await page.getByText('Bye').first().waitFor();
  await eventually(async () => {
    const { model_version: version } = await api.get('model-versions/get?name=farewell&version=1');
    assert.equal(version.tags.find((tag) => tag.key === 'mlflow.prompt.text').value, 'Bye {{ name }}');
  });
}, [/404 GET .*registered-models\/get/]);
