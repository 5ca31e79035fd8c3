// The official SDK, unchanged but for base URL and key, and what the books say of its calls.
//
// Amounts are whole nano-dollars, as BigInt: no float touches money here either.

import assert from 'node:assert/strict';
import { Blob, File } from 'node:buffer';

import OpenAI from 'openai';

// Node 18 has a `File`, and the SDK looks for a global one.
globalThis.File ??= File;

const given = JSON.parse(process.env.BURSAR_CLIENT);
export const { base_url: baseURL, keys } = given;
const NANOS = 9;
const MILLION = 1_000_000n;

/** A client with a key, its retries as they are, and a count of the requests that it sends. */
export function client(key = keys.rich, options = {}) {
  const made = new OpenAI({ baseURL, apiKey: key, fetch: counting, ...options });
  made.requests = 0;
  async function counting(url, init) {
    made.requests += 1;
    return fetch(url, init);
  }
  return made;
}

/** Decimal text as whole nano-units. */
export function nanos(text) {
  const [whole, part = ''] = text.split('.');
  assert.ok(part.length <= NANOS, `${text} has more than ${NANOS} places`);
  return BigInt(whole + part.padEnd(NANOS, '0'));
}

/** What units of a model cost together, rounded up once: `{input: 12, output: 40}`. */
export function price(model, units, tier = 'standard') {
  const card = given.prices[model][tier];
  let total = 0n;
  for (const [kind, count] of Object.entries(units)) {
    const rate = card[kind] ?? card.input;
    assert.ok(Number.isInteger(count) && rate, `${count} ${kind} of ${model}`);
    total += BigInt(count) * nanos(rate);
  }
  return (total + MILLION - 1n) / MILLION;
}

/** What a chat's or an embedding's usage costs. */
export function chatPrice(model, usage) {
  const cached = usage.prompt_tokens_details?.cached_tokens ?? 0;
  const input = usage.prompt_tokens - cached;
  return price(model, { input, cached, output: usage.completion_tokens ?? 0 });
}

/** What a response's usage costs. */
export function responsePrice(model, usage) {
  const cached = usage.input_tokens_details.cached_tokens;
  const input = usage.input_tokens - cached;
  return price(model, { input, cached, output: usage.output_tokens });
}

/** The gateway's own account of a call, once it is charged. */
export async function booked(request, key = keys.rich) {
  const headers = { authorization: `Bearer ${key}` };
  for (let turn = 0; turn < 150; turn += 1) {
    const answer = await fetch(`${baseURL}/bursar/calls/${request}`, { headers });
    if (answer.status === 200) return answer.json();
    assert.equal(answer.status, 404);
    await pause(200);
  }
  assert.fail(`${request} was never charged`);
}

/** Holds a call's charge against the price table, exactly, and against its own headers. */
export async function charged(response, cost, { basis = 'reported', key = keys.rich } = {}) {
  const call = await booked(response.headers.get('x-request-id'), key);
  assert.deepEqual([call.outcome, call.basis, call.status], ['answered', basis, 200]);
  assert.equal(nanos(call.cost), cost, `${call.endpoint} of ${call.model}`);
  assert.ok(nanos(call.cost) <= nanos(call.held));
  const told = response.headers.get('x-bursar-cost');
  if (!call.streamed) assert.equal(nanos(told), cost);
  return call;
}

/** The error that a call ends with, after exactly so many requests. */
export async function refusal(made, requests, call) {
  const before = made.requests;
  const error = await call().then(
    () => assert.fail('the call was answered'),
    (raised) => raised,
  );
  assert.ok(error instanceof OpenAI.APIError, String(error));
  assert.equal(made.requests - before, requests, `requests that ended in: ${error.message}`);
  return error;
}

export function pause(milliseconds) {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });
}

export async function all(stream) {
  const items = [];
  for await (const item of stream) items.push(item);
  return items;
}

/** A WAV file of silence. */
export function recording(seconds, rate = 16_000) {
  const bytes = 2 * Math.floor(seconds * rate);
  const file = Buffer.alloc(44 + bytes);
  file.write('RIFF', 0);
  file.writeUInt32LE(36 + bytes, 4);
  file.write('WAVEfmt ', 8);
  file.writeUInt32LE(16, 16);
  file.writeUInt16LE(1, 20);
  file.writeUInt16LE(1, 22);
  file.writeUInt32LE(rate, 24);
  file.writeUInt32LE(2 * rate, 28);
  file.writeUInt16LE(2, 32);
  file.writeUInt16LE(16, 34);
  file.write('data', 36);
  file.writeUInt32LE(bytes, 40);
  return new File([file], 'talk.wav', { type: 'audio/wav' });
}

/** A black square of one pixel. */
export function png(name) {
  const base64 =
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGNgYGAAAAAEAAH2FzhVAAAAAElFTkSuQmCC';
  return new File([Buffer.from(base64, 'base64')], name, { type: 'image/png' });
}

export { Blob, File, OpenAI };
