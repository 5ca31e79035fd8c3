// Images and audio.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  File, OpenAI, all, booked, charged, client, nanos, png, price, recording, refusal,
} from './support.mjs';

const openai = client();
const prompt = 'A lighthouse in the fog, as a woodcut.';

function imagePrice(model, usage) {
  const { text_tokens, image_tokens } = usage.input_tokens_details;
  return price(model, { input: text_tokens, image_in: image_tokens, image_out: usage.output_tokens });
}

test('an image', async () => {
  const model = 'gpt-image-2';
  const asked = openai.images.generate({ model, prompt, size: '1024x1024', quality: 'high' });
  const { data, response } = await asked.withResponse();
  const image = Buffer.from(data.data[0].b64_json, 'base64');
  assert.equal(image.subarray(1, 4).toString(), 'PNG');
  await charged(response, imagePrice(model, data.usage));
});

for (const count of [1, 3]) {
  test(`an image made from ${count}`, async () => {
    const model = 'gpt-image-2';
    const files = Array.from({ length: count }, (_, number) => png(`${number}.png`));
    const image = count === 1 ? files[0] : files;
    const { data, response } = await openai.images
      .edit({ model, prompt, image, mask: png('mask.png'), n: 2, size: '1024x1024' })
      .withResponse();
    assert.equal(data.data.length, 2);
    assert.ok(data.usage.input_tokens_details.image_tokens > 0);
    await charged(response, imagePrice(model, data.usage));
  });
}

test('an image that is streamed, with partial ones before it', async () => {
  const model = 'gpt-image-2';
  const body = { model, prompt, size: '1024x1024', stream: true, partial_images: 2 };
  const { data, response } = await openai.images.generate(body).withResponse();
  const events = await all(data);
  const partial = 'image_generation.partial_image';
  assert.deepEqual(events.map((one) => one.type), [partial, partial, 'image_generation.completed']);
  const image = Buffer.from(events.at(-1).b64_json, 'base64');
  assert.equal(image.subarray(1, 4).toString(), 'PNG');
  await charged(response, imagePrice(model, events.at(-1).usage));
});

test('an edit that is streamed', async () => {
  const model = 'gpt-image-2';
  const body = { model, prompt, image: png('a.png'), size: '1024x1024', stream: true };
  const { data, response } = await openai.images.edit(body).withResponse();
  const events = await all(data);
  assert.deepEqual(events.map((one) => one.type), ['image_edit.completed']);
  await charged(response, imagePrice(model, events[0].usage));
});

test('a stream of several images is refused', async () => {
  const body = { model: 'gpt-image-2', prompt, stream: true, n: 2 };
  const error = await refusal(openai, 1, () => openai.images.generate(body));
  assert.ok(error instanceof OpenAI.BadRequestError);
  assert.equal(error.param, 'n');
});

test('speech by the character', async () => {
  const input = 'Ærlighet varer lengst, sier man i Bergen.';
  const answer = await openai.audio.speech.create({ model: 'tts-1', voice: 'alloy', input });
  assert.equal(answer.headers.get('content-type'), 'audio/mpeg');
  assert.ok((await answer.arrayBuffer()).byteLength > 0);
  await charged(answer, price('tts-1', { character: [...input].length }));
});

test('speech as events, charged as reported', async () => {
  const model = 'gpt-4o-mini-tts';
  const body = { model, voice: 'coral', input: prompt, stream_format: 'sse' };
  const answer = await openai.audio.speech.create(body);
  const lines = (await answer.text()).split('\n').filter((line) => line.startsWith('data: '));
  const last = JSON.parse(lines.at(-1).slice('data: '.length));
  assert.equal(last.type, 'speech.audio.done');
  const { input_tokens: input, output_tokens: audio_out } = last.usage;
  await charged(answer, price(model, { input, audio_out }));
});

test('a recording by the second', async () => {
  const body = { model: 'whisper-1', file: recording(8.4), language: 'en' };
  const { data, response } = await openai.audio.transcriptions.create(body).withResponse();
  assert.ok(data.text);
  assert.deepEqual([data.usage.type, data.usage.seconds], ['duration', 9]);
  await charged(response, price('whisper-1', { second: 9 }));
});

test('a recording by the token, in one piece and as a stream', async () => {
  const model = 'gpt-4o-transcribe';
  const cost = ({ input_tokens: audio_in, output_tokens: output }) =>
    price(model, { audio_in, output });
  const whole = await openai.audio.transcriptions
    .create({ model, file: recording(30), include: ['logprobs'] })
    .withResponse();
  await charged(whole.response, cost(whole.data.usage));
  const streamed = await openai.audio.transcriptions
    .create({ model, file: recording(30), stream: true })
    .withResponse();
  const events = await all(streamed.data);
  const heard = events.slice(0, -1).map((event) => event.delta).join('');
  assert.equal(heard, events.at(-1).text);
  await charged(streamed.response, cost(events.at(-1).usage));
});

test('an answer that reports nothing is charged by its recording', async () => {
  const body = { model: 'whisper-1', file: recording(3.5), response_format: 'srt' };
  const { data, response } = await openai.audio.transcriptions.create(body).withResponse();
  assert.equal(typeof data, 'string');
  await charged(response, price('whisper-1', { second: 4 }), { basis: 'counted' });
});

test('a translation', async () => {
  const body = { model: 'whisper-1', file: recording(2), response_format: 'verbose_json' };
  const { data, response } = await openai.audio.translations.create(body).withResponse();
  assert.ok(data.duration);
  await charged(response, price('whisper-1', { second: 2 }));
});

test('speech that reports nothing is charged by its length, and says so', async () => {
  const body = { model: 'gpt-4o-mini-tts', voice: 'coral', input: prompt, response_format: 'wav' };
  const answer = await openai.audio.speech.create(body);
  assert.ok((await answer.arrayBuffer()).byteLength > 0);
  const call = await booked(answer.headers.get('x-request-id'));
  assert.equal(call.basis, 'counted');
  assert.ok(0n < nanos(call.cost) && nanos(call.cost) <= nanos(call.held));
});

test('a recording of unknown length is refused where nothing would report it', async () => {
  const file = new File([Buffer.concat([Buffer.from('OggS'), Buffer.alloc(40_000)])], 'talk.ogg');
  const body = { model: 'whisper-1', file, response_format: 'srt' };
  const error = await refusal(openai, 1, () => openai.audio.transcriptions.create(body));
  assert.ok(error instanceof OpenAI.BadRequestError);
  assert.equal(error.param, 'response_format');
});
