// Models, files and batches.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  File, OpenAI, all, booked, chatPrice, client, nanos, pause, refusal,
} from './support.mjs';

const model = 'gpt-4.1-mini';
const endpoint = '/v1/chat/completions';
const openai = client();

function body(number) {
  const messages = [{ role: 'user', content: `What does study ${number} need?` }];
  return { model, messages, max_completion_tokens: 40 + number };
}

function text(count) {
  const lines = Array.from({ length: count }, (_, number) => ({
    custom_id: `line-${number}`,
    method: 'POST',
    url: endpoint,
    body: body(number),
  }));
  return lines.map((line) => JSON.stringify(line)).join('\n');
}

function upload(count = 3) {
  const file = new File([text(count)], 'lines.jsonl');
  return openai.files.create({ file, purpose: 'batch' });
}

async function ended(batch) {
  let seen = batch;
  for (let turn = 0; turn < 150; turn += 1) {
    if (['completed', 'failed', 'expired', 'cancelled'].includes(seen.status)) return seen;
    await pause(200);
    seen = await openai.batches.retrieve(batch.id);
  }
  return assert.fail(`batch ${batch.id} stays ${seen.status}`);
}

test('models', async () => {
  const listed = new Map((await all(openai.models.list())).map((one) => [one.id, one]));
  assert.ok(listed.has(model) && !listed.has('gpt-5'));
  const shown = await openai.models.retrieve(model);
  assert.deepEqual([shown.id, shown.object], [model, 'model']);
  assert.equal(shown.shutdown_date, '2027-01-14');
});

test('files', async () => {
  const file = await upload();
  assert.deepEqual([file.object, file.purpose, file.filename], ['file', 'batch', 'lines.jsonl']);
  assert.equal(file.bytes, text(3).length);
  const { _request_id, ...shown } = await openai.files.retrieve(file.id);
  assert.equal(shown.id, file.id);
  assert.equal(await (await openai.files.content(file.id)).text(), text(3));
  const second = await upload(1);
  const listed = await all(openai.files.list({ purpose: 'batch', limit: 1 }));
  assert.deepEqual(listed.slice(0, 2).map((one) => one.id), [second.id, file.id]);
  assert.equal((await openai.files.delete(file.id)).deleted, true);
  const gone = await refusal(openai, 1, () => openai.files.retrieve(file.id));
  assert.ok(gone instanceof OpenAI.NotFoundError);
});

test('a batch costs half of its calls', async () => {
  let half = 0n;
  for (const number of [0, 1, 2]) {
    const { usage } = await openai.chat.completions.create(body(number));
    half += chatPrice(model, usage);
  }
  const { data, response } = await openai.batches
    .create({ input_file_id: (await upload()).id, endpoint, completion_window: '24h' })
    .withResponse();
  const batch = await ended(data);
  assert.equal(batch.status, 'completed');
  const call = await booked(response.headers.get('x-request-id'));
  assert.deepEqual([call.basis, call.service_tier], ['reported', 'batch']);
  assert.equal(nanos(call.cost) * 2n, half);
  assert.ok(nanos(call.cost) <= nanos(response.headers.get('x-bursar-hold')));
  const output = await (await openai.files.content(batch.output_file_id)).text();
  const answers = output.trim().split('\n').map((line) => JSON.parse(line));
  assert.deepEqual(answers.map((one) => one.custom_id), ['line-0', 'line-1', 'line-2']);
  const listed = await all(openai.batches.list({ limit: 2 }));
  assert.ok(listed.some((one) => one.id === batch.id));
});

test('a batch is cancelled', async () => {
  const batch = await openai.batches.create({
    input_file_id: (await upload()).id,
    endpoint,
    completion_window: '24h',
    metadata: { study: 'budgets' },
  });
  assert.deepEqual({ ...batch.metadata }, { study: 'budgets' });
  assert.ok(['cancelling', 'cancelled'].includes((await openai.batches.cancel(batch.id)).status));
  assert.equal((await ended(batch)).status, 'cancelled');
});
