// The official npm clients, by base URL and key alone.
import assert from "node:assert/strict";
import OpenAI from "openai";
import { OpenRouter } from "@openrouter/sdk";

const { BASE, KEY, MANAGEMENT } = process.env;
const client = new OpenAI({ baseURL: `${BASE}/v1`, apiKey: KEY, maxRetries: 0 });
const pixel = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
const tool = (name) => ({ type: "function", function: { name, parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] } } });
let failed = 0;

async function check(name, f) {
  try {
    await f();
    console.log(`ok - ${name}`);
  } catch (err) {
    failed++;
    console.log(`not ok - ${name}: ${err?.stack ?? err}`);
  }
}

for (const model of ["e2e/openai", "e2e/anthropic", "e2e/gemini"]) {
  await check(`${model} chat`, async () => {
    const r = await client.chat.completions.create({ model, messages: [{ role: "user", content: "Hello there" }] });
    assert.ok(r.choices[0].message.content && r.usage.total_tokens > 0 && r.usage.cost > 0);
  });
  await check(`${model} stream with usage`, async () => {
    const stream = await client.chat.completions.create({ model, stream: true, stream_options: { include_usage: true }, messages: [{ role: "user", content: "Hello there" }] });
    let text = "", usages = 0;
    for await (const c of stream) {
      text += c.choices[0]?.delta?.content ?? "";
      if (c.usage) usages++;
    }
    assert.ok(text);
    assert.equal(usages, 1);
  });
  await check(`${model} parallel tools, streamed`, async () => {
    const runner = client.chat.completions.stream({ model, messages: [{ role: "user", content: 'Call tool_a for "Paris" and tool_b for "Rome" [[sim:tools=2]]' }], tools: [tool("tool_a"), tool("tool_b")] });
    const m = await runner.finalMessage();
    assert.deepEqual(m.tool_calls.map((c) => c.function.name), ["tool_a", "tool_b"]);
    m.tool_calls.forEach((c) => JSON.parse(c.function.arguments));
  });
  await check(`${model} JSON schema and image`, async () => {
    const r = await client.chat.completions.create({
      model,
      messages: [{ role: "user", content: [{ type: "text", text: "What is this?" }, { type: "image_url", image_url: { url: pixel } }] }],
      response_format: { type: "json_schema", json_schema: { name: "x", strict: true, schema: { type: "object", properties: { name: { type: "string" } }, required: ["name"], additionalProperties: false } } },
    });
    assert.equal(typeof JSON.parse(r.choices[0].message.content).name, "string");
  });
  await check(`${model} an error inside a stream is raised`, async () => {
    const stream = await client.chat.completions.create({ model, stream: true, messages: [{ role: "user", content: "Hello [[sim:error-event=3]]" }] });
    await assert.rejects(async () => { for await (const _ of stream); });
  });
  await check(`${model} rate limit`, async () => {
    await assert.rejects(client.chat.completions.create({ model, messages: [{ role: "user", content: "x [[sim:status=429]]" }] }), OpenAI.RateLimitError);
  });
}

await check("models", async () => {
  const ids = [];
  for await (const m of client.models.list()) ids.push(m.id);
  assert.equal(ids.length, 3);
  assert.equal((await client.models.retrieve("e2e/openai")).id, "e2e/openai");
});
await check("typed errors", async () => {
  const bad = (o, key = KEY) => new OpenAI({ baseURL: `${BASE}/v1`, apiKey: key, maxRetries: 0 }).chat.completions.create({ model: "e2e/openai", messages: [{ role: "user", content: "x" }], ...o });
  await assert.rejects(bad({ temperature: 9 }), OpenAI.BadRequestError);
  await assert.rejects(bad({}, "sk-wrong"), OpenAI.AuthenticationError);
  await assert.rejects(bad({}, MANAGEMENT), OpenAI.PermissionDeniedError);
  await assert.rejects(bad({ model: "no/such" }), OpenAI.BadRequestError);
});

const router = new OpenRouter({ serverURL: `${BASE}/api/v1`, apiKey: KEY });
for (const model of ["e2e/openai", "e2e/anthropic", "e2e/gemini"]) {
  await check(`openrouter sdk ${model}`, async () => {
    const r = await router.chat.send({ chatRequest: { model, messages: [{ role: "user", content: "Hello" }], stream: false } });
    assert.ok(r.choices[0].message.content);
    const stream = await router.chat.send({ chatRequest: { model, messages: [{ role: "user", content: "Hello" }], stream: true } });
    let text = "";
    for await (const c of stream) text += c.choices[0]?.delta?.content ?? "";
    assert.ok(text);
  });
}
process.exit(failed ? 1 : 0);
