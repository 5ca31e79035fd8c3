// Realtime sessions: text, speech that is answered by itself, and what is refused.
//
// The SDK asks for TLS, which a gateway on this machine has none of: its socket is told to connect
// without. All else is as it is.

import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { test } from 'node:test';

import { OpenAIRealtimeWS } from 'openai/realtime/ws';

import { booked, client, baseURL, keys, nanos, price } from './support.mjs';

const model = 'gpt-realtime-mini';
const text = { type: 'realtime', output_modalities: ['text'] };
const { hostname, port } = new URL(baseURL);

/** A session, with what it heard: `until` gives the next event of a type. */
function session(key = keys.rich) {
  const options = { createConnection: () => connect(Number(port), hostname) };
  const socket = new OpenAIRealtimeWS({ model, options }, client(key));
  const heard = [];
  const waiting = [];
  const told = (event) => (waiting.length ? waiting.shift()(event) : heard.push(event));
  socket.on('event', told);
  socket.on('error', (error) => error.error === undefined && told({ type: 'broken', error }));
  const next = () => (heard.length
    ? Promise.resolve(heard.shift())
    : new Promise((resolve) => { waiting.push(resolve); }));
  async function until(kind) {
    for (;;) {
      const event = await next();
      if (event.type === kind) return event;
      assert.ok(!['error', 'broken'].includes(event.type), JSON.stringify(event));
    }
  }
  return { socket, until, send: (event) => socket.send(event) };
}

function cost(usage) {
  const { input_token_details: read, output_token_details: made } = usage;
  const { cached_tokens_details: cached } = read;
  return price(model, {
    input: read.text_tokens - cached.text_tokens,
    cached: cached.text_tokens,
    audio_in: read.audio_tokens - cached.audio_tokens,
    audio_cached: cached.audio_tokens,
    output: made.text_tokens,
    audio_out: made.audio_tokens,
  });
}

async function isCharged(done) {
  const wanted = cost(done.response.usage);
  assert.equal(nanos(done.bursar.cost), wanted);
  const call = await booked(done.bursar.request_id);
  assert.deepEqual([call.endpoint, call.outcome, call.basis], ['realtime', 'answered', 'reported']);
  assert.equal(nanos(call.cost), wanted);
}

test('a session of text, turn by turn', async () => {
  const { socket, until, send } = session();
  await until('session.created');
  send({ type: 'session.update', session: text });
  await until('session.updated');
  for (const words of ['How can a budget fail?', 'And how does it hold?']) {
    const content = [{ type: 'input_text', text: words }];
    send({ type: 'conversation.item.create', item: { type: 'message', role: 'user', content } });
    send({ type: 'response.create' });
    assert.ok((await until('response.output_text.done')).text);
    await isCharged(await until('response.done'));
  }
  socket.close();
});

test('speech is answered by itself', async () => {
  const { socket, until, send } = session();
  const { session: begun } = await until('session.created');
  assert.equal(begun.audio.input.turn_detection.create_response, true);
  const sound = Buffer.concat([Buffer.alloc(24_000, 0x20), Buffer.alloc(48 * 700)]);
  send({ type: 'input_audio_buffer.append', audio: sound.toString('base64') });
  await until('response.output_audio.delta');
  await isCharged(await until('response.done'));
  socket.close();
});

test('nothing is left, and the session says so', async () => {
  const { socket, until, send } = session(keys.empty);
  await until('session.created');
  send({ type: 'response.create', event_id: 'mine' });
  const { error } = await until('error');
  assert.deepEqual([error.type, error.event_id], ['insufficient_quota', 'mine']);
  assert.match(error.message, /^You exceeded your current quota/);
  socket.close();
});

test('an unknown key has no session', async () => {
  const { until } = session('sk-nobody');
  const { error } = await until('broken');
  assert.match(error.message, /401/);
});
