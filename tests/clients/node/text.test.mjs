// Chat completions, responses, embeddings and moderations.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { zodResponseFormat, zodTextFormat } from 'openai/helpers/zod';
import { z } from 'zod';

import { all, charged, chatPrice, client, price, responsePrice } from './support.mjs';

const model = 'gpt-4.1-mini';
const messages = [{ role: 'user', content: 'Name three ways in which a budget can fail.' }];
const question = messages[0].content;
const parameters = {
  type: 'object',
  properties: { city: { type: 'string' } },
  required: ['city'],
  additionalProperties: false,
};
const Finding = z.object({ title: z.string(), severity: z.number().int() });
const openai = client();

test('chat', async () => {
  const asked = openai.chat.completions.create({ model, messages, max_completion_tokens: 50 });
  const { data, response, request_id } = await asked.withResponse();
  assert.ok(data.choices[0].message.content);
  assert.ok(data.usage.completion_tokens <= 50);
  assert.equal(request_id, data._request_id);
  const call = await charged(response, chatPrice(model, data.usage));
  assert.equal(call.usage.output, data.usage.completion_tokens);
});

for (const include_usage of [undefined, false, true]) {
  test(`chat, streamed, include_usage ${include_usage}`, async () => {
    const options = include_usage === undefined ? {} : { stream_options: { include_usage } };
    const body = { model, messages, stream: true, ...options };
    const { data: stream, response } = await openai.chat.completions.create(body).withResponse();
    const chunks = await all(stream);
    const said = chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('');
    assert.ok(said);
    const usages = chunks.filter((chunk) => chunk.usage).map((chunk) => chunk.usage);
    assert.equal(usages.length, include_usage ? 1 : 0);
    // Nobody hears the usage of a stream that did not ask for it; the same call answers the same.
    const usage =
      usages[0] ?? (await openai.chat.completions.create({ model, messages })).usage;
    const call = await charged(response, chatPrice(model, usage));
    assert.equal(call.streamed, true);
  });
}

test('the stream helper of chat', async () => {
  const stream = openai.chat.completions.stream({ model, messages });
  let heard = '';
  stream.on('content', (delta) => {
    heard += delta;
  });
  assert.equal(await stream.finalContent(), heard);
  const final = await stream.finalChatCompletion();
  assert.equal(final.choices[0].finish_reason, 'stop');
});

test('a round trip with a function, by hand', async () => {
  const tools = [{ type: 'function', function: { name: 'weather', parameters, strict: true } }];
  const choice = { type: 'function', function: { name: 'weather' } };
  const first = await openai.chat.completions
    .create({ model, messages, tools, tool_choice: choice })
    .withResponse();
  const { message } = first.data.choices[0];
  const [call] = message.tool_calls;
  assert.deepEqual(Object.keys(JSON.parse(call.function.arguments)), ['city']);
  await charged(first.response, chatPrice(model, first.data.usage));
  const result = { role: 'tool', tool_call_id: call.id, content: 'Rain.' };
  const second = await openai.chat.completions
    .create({ model, messages: [...messages, message, result], tools })
    .withResponse();
  assert.ok(second.data.choices[0].message.content);
  await charged(second.response, chatPrice(model, second.data.usage));
});

test('a round trip with a function, by the helper', async () => {
  const asked = [];
  const weather = {
    type: 'function',
    function: {
      name: 'weather',
      parameters,
      parse: JSON.parse,
      function: ({ city }) => {
        asked.push(city);
        return 'Rain.';
      },
    },
  };
  const wanted = [{ role: 'user', content: 'Ask weather about Bergen.' }];
  const before = openai.requests;
  const runner = openai.chat.completions.runTools({ model, messages: wanted, tools: [weather] });
  assert.ok(await runner.finalContent());
  assert.deepEqual([asked.length, openai.requests - before], [1, 2]);
});

test('a chat of a given shape', async () => {
  const response_format = zodResponseFormat(Finding, 'finding');
  const asked = openai.chat.completions.parse({ model, messages, response_format });
  const { data, response } = await asked.withResponse();
  assert.ok(Finding.safeParse(data.choices[0].message.parsed).success);
  await charged(response, chatPrice(model, data.usage));
});

test('a response', async () => {
  const asked = openai.responses.create({ model: 'gpt-5-mini', input: question });
  const { data, response } = await asked.withResponse();
  assert.equal(data.status, 'completed');
  assert.ok(data.output_text);
  await charged(response, responsePrice('gpt-5-mini', data.usage));
});

test('a response, streamed', async () => {
  const body = { model, input: question, instructions: 'Be brief.', stream: true };
  const { data: stream, response } = await openai.responses.create(body).withResponse();
  const events = await all(stream);
  const last = events.at(-1);
  assert.equal(last.type, 'response.completed');
  const deltas = events.filter((event) => event.type === 'response.output_text.delta');
  const said = last.response.output.flatMap((item) => item.content ?? []);
  assert.equal(deltas.map((event) => event.delta).join(''), said.map((part) => part.text).join(''));
  await charged(response, responsePrice(model, last.response.usage));
});

test('the stream helper of responses', async () => {
  const stream = openai.responses.stream({ model, input: question });
  const final = await stream.finalResponse();
  assert.ok(final.output_text);
});

test('a response that calls a function, and its answer', async () => {
  const tools = [{ type: 'function', name: 'weather', parameters, strict: true }];
  const input = [{ role: 'user', content: 'What is the weather in Bergen?' }];
  const first = await openai.responses.create({ model, input, tools, tool_choice: 'required' });
  const [call] = first.output.filter((item) => item.type === 'function_call');
  assert.deepEqual(Object.keys(JSON.parse(call.arguments)), ['city']);
  const output = { type: 'function_call_output', call_id: call.call_id, output: 'Rain.' };
  const { data, response } = await openai.responses
    .create({ model, input: [...input, ...first.output, output], tools })
    .withResponse();
  assert.ok(data.output_text);
  await charged(response, responsePrice(model, data.usage));
});

test('a response of a given shape', async () => {
  const text = { format: zodTextFormat(Finding, 'finding') };
  const { data, response } = await openai.responses
    .parse({ model, input: question, text })
    .withResponse();
  assert.ok(Finding.safeParse(data.output_parsed).success);
  await charged(response, responsePrice(model, data.usage));
});

test('embeddings', async () => {
  const embedder = 'text-embedding-3-small';
  for (const input of ['words', ['some', 'words'], [15339], [[15339], [1917, 11]]]) {
    const asked = openai.embeddings.create({ model: embedder, input });
    const { data, response } = await asked.withResponse();
    const expected = Array.isArray(input) && typeof input[0] !== 'number' ? input.length : 1;
    assert.equal(data.data.length, expected);
    assert.equal(data.data[0].embedding.length, 1536);
    await charged(response, price(embedder, { input: data.usage.prompt_tokens }));
  }
  const short = { model: embedder, input: 'words', dimensions: 8, encoding_format: 'float' };
  const { data } = await openai.embeddings.create(short);
  assert.equal(data[0].embedding.length, 8);
});

test('moderations are free', async () => {
  const asked = openai.moderations.create({ input: ['kind words', 'plain violence'] });
  const { data, response } = await asked.withResponse();
  assert.deepEqual(data.results.map((result) => result.flagged), [false, true]);
  assert.equal(response.headers.get('x-bursar-cost'), '0.00');
});

for (const stream of [false, true]) {
  test(`a completion, streamed: ${stream}`, async () => {
    const legacy = 'gpt-3.5-turbo-instruct';
    const body = { model: legacy, prompt: 'Once', n: 2, max_tokens: 20 };
    const whole = await openai.completions.create(body).withResponse();
    assert.equal(whole.data.choices.length, 2);
    await charged(whole.response, chatPrice(legacy, whole.data.usage));
    if (!stream) return;
    const options = { stream: true, stream_options: { include_usage: true } };
    const { data, response } = await openai.completions
      .create({ ...body, ...options })
      .withResponse();
    const said = ['', ''];
    let usage;
    for (const chunk of await all(data)) {
      for (const choice of chunk.choices) said[choice.index] += choice.text;
      usage = chunk.usage ?? usage;
    }
    assert.deepEqual(said, whole.data.choices.map((choice) => choice.text));
    assert.deepEqual(usage, whole.data.usage);
    await charged(response, chatPrice(legacy, usage));
  });
}

test('the best of several completions, all of them billed', async () => {
  const legacy = 'davinci-002';
  const body = { model: legacy, prompt: question, best_of: 3, max_tokens: 10, logprobs: 2 };
  const { data, response } = await openai.completions.create(body).withResponse();
  assert.equal(data.choices.length, 1);
  assert.equal(data.usage.completion_tokens, 30);
  await charged(response, chatPrice(legacy, data.usage));
});
