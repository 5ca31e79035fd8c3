// Responses that are stored or go on in the background, uploads, and what was used.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  File, OpenAI, all, booked, charged, client, keys, nanos, pause, refusal, responsePrice,
} from './support.mjs';

const model = 'gpt-4.1-mini';
const input = 'Name a way in which a budget can fail.';
const openai = client();

async function ended(response) {
  let seen = response;
  for (let turn = 0; turn < 150; turn += 1) {
    if (!['queued', 'in_progress'].includes(seen.status)) return seen;
    await pause(200);
    seen = await openai.responses.retrieve(response.id);
  }
  return assert.fail(`response ${response.id} stays ${seen.status}`);
}

function words(events) {
  const deltas = events.filter((event) => event.type === 'response.output_text.delta');
  return deltas.map((event) => event.delta).join('');
}

test('a stored response, gone on from and deleted', async () => {
  const { data: first, response } = await openai.responses
    .create({ model, input, store: true })
    .withResponse();
  await charged(response, responsePrice(model, first.usage));
  assert.equal((await openai.responses.retrieve(first.id)).output_text, first.output_text);
  const items = await all(openai.responses.inputItems.list(first.id));
  assert.deepEqual(items.map((item) => item.content[0].text), [input]);
  const second = await openai.responses.create({
    model, input: 'And another?', previous_response_id: first.id,
  });
  assert.ok(first.usage.input_tokens < second.usage.input_tokens);
  const other = client(keys.slow);
  const unseen = await refusal(other, 1, () => other.responses.retrieve(first.id));
  assert.ok(unseen instanceof OpenAI.NotFoundError);
  await openai.responses.delete(first.id);
  const gone = await refusal(openai, 1, () => openai.responses.retrieve(first.id));
  assert.ok(gone instanceof OpenAI.NotFoundError);
});

test('a streamed response is stored', async () => {
  const events = await all(await openai.responses.create({ model, input, store: true, stream: true }));
  const { response } = events.at(-1);
  assert.equal(words(events), (await openai.responses.retrieve(response.id)).output_text);
});

test('a response in the background', async () => {
  const { data, response } = await openai.responses
    .create({ model, input, background: true })
    .withResponse();
  assert.deepEqual([data.status, data.usage], ['queued', null]);
  const done = await ended(data);
  assert.equal(done.status, 'completed');
  const call = await booked(response.headers.get('x-request-id'));
  assert.deepEqual([call.endpoint, call.basis], ['responses', 'reported']);
  assert.equal(nanos(call.cost), responsePrice(model, done.usage));
  assert.equal(nanos(call.held), nanos(response.headers.get('x-bursar-hold')));
});

test('a response in the background is cancelled', async () => {
  const response = await openai.responses.create({ model, input, background: true });
  assert.equal((await openai.responses.cancel(response.id)).status, 'cancelled');
});

test('a stream in the background is taken up again', async () => {
  const stream = await openai.responses.create({ model, input, background: true, stream: true });
  const seen = [];
  for await (const event of stream) {
    seen.push(event);
    if (event.type === 'response.output_text.delta') break;
  }
  const { id } = seen[0].response;
  const after = seen.at(-1).sequence_number;
  const query = { stream: true, starting_after: after };
  seen.push(...(await all(await openai.responses.retrieve(id, query))));
  assert.deepEqual(seen.map((event) => event.sequence_number), seen.map((_, index) => index));
  assert.equal(words(seen), (await openai.responses.retrieve(id)).output_text);
});

test('an upload in parts becomes a file', async () => {
  const content = Buffer.from('{"custom_id":"a"}\n{"custom_id":"b"}\n');
  const halves = [content.subarray(0, 18), content.subarray(18)];
  const upload = await openai.uploads.create({
    filename: 'lines.jsonl', purpose: 'batch', bytes: content.length, mime_type: 'application/jsonl',
  });
  assert.equal(upload.status, 'pending');
  const part_ids = [];
  for (const half of halves) {
    const data = new File([half], 'part');
    part_ids.push((await openai.uploads.parts.create(upload.id, { data })).id);
  }
  const other = client(keys.slow);
  const unseen = await refusal(other, 1, () => other.uploads.complete(upload.id, { part_ids }));
  assert.ok(unseen instanceof OpenAI.NotFoundError);
  const done = await openai.uploads.complete(upload.id, { part_ids });
  assert.equal(done.status, 'completed');
  assert.equal(await (await openai.files.content(done.file.id)).text(), content.toString());
  const ended = await refusal(openai, 1, () => openai.uploads.cancel(upload.id));
  assert.match(ended.message, /it is a file/);
});

test('an upload is cancelled', async () => {
  const upload = await openai.uploads.create({
    filename: 'lines.jsonl', purpose: 'batch', bytes: 9, mime_type: 'application/jsonl',
  });
  assert.equal((await openai.uploads.cancel(upload.id)).status, 'cancelled');
});

test('what was used and what it cost', async () => {
  const admin = client(keys.rich, { adminAPIKey: keys.rich }).admin.organization.usage;
  const start_time = Math.floor(Date.now() / 1000) - 3_600;
  const results = (page) => page.data.flatMap((bucket) => bucket.results);
  const asked = { start_time, bucket_width: '1h', group_by: ['model'], models: [model] };
  const count = async () => {
    const page = results(await admin.completions(asked));
    return page.reduce((sum, result) => sum + result.num_model_requests, 0);
  };
  const before = await count();
  await openai.responses.create({ model, input });
  assert.ok(before < (await count()));
  const costs = results(await admin.costs({ start_time, group_by: ['line_item'] }));
  assert.ok(costs.some((cost) => cost.line_item === model && cost.amount.currency === 'usd'));
  for (const kind of ['embeddings', 'moderations', 'images', 'audioSpeeches', 'audioTranscriptions']) {
    assert.equal((await admin[kind]({ start_time })).object, 'page');
  }
});
