// Each refusal is the SDK's right class, after exactly as many requests as make sense.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';

import { OpenAI, booked, chatPrice, client, keys, nanos, refusal } from './support.mjs';

const messages = [{ role: 'user', content: 'Hello.' }];

function ask(openai, changes = {}) {
  const body = { model: 'gpt-4o-mini', messages, max_completion_tokens: 20, ...changes };
  return openai.chat.completions.create(body);
}

test('an unknown key', async () => {
  const openai = client('sk-bursar-canary');
  const error = await refusal(openai, 1, () => ask(openai));
  assert.ok(error instanceof OpenAI.AuthenticationError);
  assert.equal(error.code, 'invalid_api_key');
  assert.ok(!error.message.includes('canary'));
});

for (const [model, says] of [['gpt-0', 'GET /v1/models'], ['gpt-5', 'limited access']]) {
  test(`a model that is not open: ${model}`, async () => {
    const openai = client();
    const error = await refusal(openai, 1, () => ask(openai, { model }));
    assert.ok(error instanceof OpenAI.NotFoundError);
    assert.deepEqual([error.code, error.param], ['model_not_found', 'model']);
    assert.ok(error.message.includes(says), error.message);
  });
}

for (const changes of [{ n: 1000 }, { messages: [] }, { free_lunch: true }]) {
  test(`a bad request: ${JSON.stringify(changes)}`, async () => {
    const openai = client();
    const error = await refusal(openai, 1, () => ask(openai, changes));
    assert.ok(error instanceof OpenAI.BadRequestError);
    assert.deepEqual([error.type, error.param], ['invalid_request_error', Object.keys(changes)[0]]);
  });
}

for (const stream of [false, true]) {
  for (const [key, code] of [
    ['empty', 'credit_balance_exhausted'],
    ['capped', 'project_spend_limit_exceeded'],
    ['expired', 'credit_balance_exhausted'],
  ]) {
    test(`money that is gone is not asked for twice: ${key}, stream ${stream}`, async () => {
      const openai = client(keys[key]);
      const error = await refusal(openai, 1, () => ask(openai, { stream }));
      assert.ok(error instanceof OpenAI.RateLimitError);
      assert.deepEqual([error.type, error.code], ['insufficient_quota', code]);
      assert.ok(error.message.includes('You exceeded your current quota'), error.message);
      assert.equal(error.headers.get('retry-after'), null);
      assert.ok(error.requestID.startsWith('req_'));
    });
  }
}

test('an endpoint that is not served', async () => {
  const openai = client();
  const error = await refusal(openai, 1, () => openai.get('/wishes'));
  assert.ok(error instanceof OpenAI.NotFoundError);
  assert.equal(error.code, 'unknown_url');
});

test('a call of somebody else', async () => {
  const { request_id } = await ask(client()).withResponse();
  const path = `/bursar/calls/${request_id}`;
  assert.equal((await client().get(path)).request_id, request_id);
  const other = client(keys.empty);
  const error = await refusal(other, 1, () => other.get(path));
  assert.ok(error instanceof OpenAI.NotFoundError);
});

test('leaving a stream is charged', async () => {
  const openai = client();
  const left = new AbortController();
  const body = { model: 'gpt-4o-mini', messages, max_completion_tokens: 400, stream: true };
  const asked = openai.chat.completions.create(body, { signal: left.signal });
  const { data: stream, response } = await asked.withResponse();
  for await (const chunk of stream) {
    assert.ok(chunk.id);
    break;
  }
  left.abort();
  const call = await booked(response.headers.get('x-request-id'));
  const { usage } = await ask(openai, { max_completion_tokens: 400 });
  assert.equal(nanos(call.cost), chatPrice('gpt-4o-mini', usage), 'charged as if it had stayed');
});

// The clock of the demonstration is turned by what the SDK waits, so the test need not wait.
test('a limit of the tier is waited for as `Retry-After` says, and then passed', async () => {
  const openai = client(keys.slow);
  for (const left of ['2', '1', '0']) {
    const { response } = await ask(openai).withResponse();
    assert.equal(response.headers.get('x-ratelimit-remaining-requests'), left);
  }
  const once = client(keys.slow, { maxRetries: 0 });
  const refused = await refusal(once, 1, () => ask(once));
  assert.ok(refused instanceof OpenAI.RateLimitError);
  assert.equal(refused.code, 'rate_limit_exceeded');
  const seconds = Number(refused.headers.get('retry-after'));
  assert.ok(0 < seconds && seconds <= 60);

  const waited = [];
  const original = globalThis.setTimeout;
  globalThis.setTimeout = (run, delay, ...rest) => {
    // Node's own timers are its own.
    if (!new Error().stack.includes('/openai/internal/utils/sleep.')) {
      return original(run, delay, ...rest);
    }
    waited.push(delay);
    turnTheClock(Math.ceil(delay / 1000));
    return original(run, 0, ...rest);
  };
  const before = openai.requests;
  try {
    assert.ok((await ask(openai)).choices[0].message.content);
  } finally {
    globalThis.setTimeout = original;
  }
  assert.equal(openai.requests - before, 2, 'refused once, and answered');
  assert.equal(waited.length, 1);
  assert.ok(0 < waited[0] && waited[0] <= seconds * 1000, `${waited} after ${seconds} s`);
});

function turnTheClock(seconds) {
  const { binary, data } = JSON.parse(process.env.BURSAR_CLIENT);
  execFileSync(binary, ['clock', 'advance', `${seconds}s`, '--data', data], { stdio: 'pipe' });
}
