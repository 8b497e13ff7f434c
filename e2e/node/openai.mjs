// The official openai package, by base URL and key alone.
import assert from "node:assert/strict";
import OpenAI from "openai";
import { BASE, KEY, MANAGEMENT, POOR_KEY, check, done, firstWords, hello, imageSeen, pixel, routes, says } from "./check.mjs";

const clientOf = (apiKey) => new OpenAI({ baseURL: `${BASE}/api/v1`, apiKey, maxRetries: 0 });
const client = clientOf(KEY);
const chat = client.chat.completions;

const cityTool = (name) => ({
  type: "function",
  function: { name, parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"], additionalProperties: false } },
});
const tools = [cityTool("weather"), cityTool("clock")];
const schema = { type: "object", properties: { name: { type: "string" } }, required: ["name"], additionalProperties: false };

// words reads a stream and gives its text, also when it breaks.
async function words(stream) {
  let text = "";
  try {
    for await (const chunk of stream) text += chunk.choices[0]?.delta?.content ?? "";
  } catch (err) {
    return { text, err };
  }
  return { text };
}

for (const model of routes) {
  await check(`${model} chat`, async () => {
    const { data: r, response } = await chat.create(says(model, "Hi")).withResponse();
    assert.equal(r.choices[0].message.content, hello);
    assert.equal(r.choices[0].finish_reason, "stop");
    assert.equal(r.usage.prompt_tokens, 20);
    assert.equal(r.usage.prompt_tokens_details.cached_tokens, 4);
    assert.equal(r.usage.completion_tokens, 10);
    assert.equal(r.usage.completion_tokens_details.reasoning_tokens, 3);
    assert.equal(r.usage.cost, 0.0000364);
    assert.match(response.headers.get("x-generation-id"), /^gen-/);
  });

  await check(`${model} stream with usage`, async () => {
    const runner = chat.stream({ ...says(model, "Hi"), stream_options: { include_usage: true } });
    let usages = 0;
    runner.on("chunk", (chunk) => (usages += chunk.usage ? 1 : 0));
    const r = await runner.finalChatCompletion();
    assert.equal(r.choices[0].message.content, hello);
    assert.equal(r.choices[0].finish_reason, "stop");
    assert.equal(usages, 1);
    assert.equal(r.usage.total_tokens, 30);
  });

  await check(`${model} parallel tools streamed, and their results`, async () => {
    const ask = says(model, "Weather in Paris, time in Zürich?");
    const message = await chat.stream({ ...ask, tools }).finalMessage();
    const calls = message.tool_calls;
    assert.deepEqual(calls.map((c) => [c.function.name, JSON.parse(c.function.arguments).city]), [["weather", "Paris"], ["clock", "Zürich"]]);
    const results = ["sunny", "noon"].map((content, i) => ({ role: "tool", tool_call_id: calls[i].id, content }));
    const r = await chat.create({ ...ask, tools, messages: [...ask.messages, message, ...results] });
    assert.equal(r.choices[0].message.content, "It is sunny and noon");
  });

  await check(`${model} the SDK's own tool loop`, async () => {
    const ran = (name, answer) => ({ type: "function", function: { ...cityTool(name).function, parse: JSON.parse, function: () => answer } });
    const runner = chat.runTools({ ...says(model, "Weather in Paris, time in Zürich?"), stream: true, tools: [ran("weather", "sunny"), ran("clock", "noon")] });
    assert.equal(await runner.finalContent(), "It is sunny and noon");
  });

  await check(`${model} JSON schema`, async () => {
    const r = await chat.parse({ ...says(model, "Name it."), response_format: { type: "json_schema", json_schema: { name: "thing", strict: true, schema } } });
    assert.deepEqual(JSON.parse(r.choices[0].message.content), { name: "dot" });
  });

  await check(`${model} image`, async () => {
    const r = await chat.create(says(model, [{ type: "text", text: "What is this?" }, { type: "image_url", image_url: { url: pixel } }]));
    assert.equal(r.choices[0].message.content, imageSeen);
  });

  await check(`${model} errors of the upstream`, async () => {
    await assert.rejects(chat.create(says(model, "status 400")), (err) => err instanceof OpenAI.BadRequestError && /no, because/.test(err.message));
    await assert.rejects(chat.create(says(model, "status 401")), (err) => err instanceof OpenAI.InternalServerError && err.status === 502);
    await assert.rejects(chat.create(says(model, "status 404")), OpenAI.NotFoundError);
    await assert.rejects(chat.create(says(model, "status 429")), (err) => err instanceof OpenAI.RateLimitError && err.headers.get("retry-after") === "7");
    await assert.rejects(chat.create(says(model, "status 500")), (err) => err instanceof OpenAI.InternalServerError && err.status === 502);
    await assert.rejects(chat.create({ ...says(model, "status 429"), stream: true }), OpenAI.RateLimitError);
  });

  for (const text of ["fail inside", "cut"]) {
    await check(`${model} a stream that breaks (${text}) is raised`, async () => {
      const got = await words(await chat.create({ ...says(model, text), stream: true }));
      assert.equal(got.text, firstWords);
      assert.ok(got.err, "the stream ended as if it were whole");
      assert.ok(!String(got.err.message).includes("operator-only"), got.err.message);
    });
  }

  await check(`${model} cancel`, async () => {
    const stream = await chat.create({ ...says(model, "hold"), stream: true });
    for await (const chunk of stream) if (chunk.choices[0]?.delta?.content) break; // leaving the loop aborts
    assert.ok(stream.controller.signal.aborted);
  });
}

await check("models", async () => {
  const ids = [];
  for await (const model of client.models.list()) ids.push(model.id);
  for (const model of routes) {
    assert.ok(ids.includes(model), `${ids}`);
    assert.equal((await client.models.retrieve(model)).id, model);
  }
  await assert.rejects(client.models.retrieve("e2e/none"), OpenAI.NotFoundError);
});

await check("errors of the gateway", async () => {
  const ask = (key, body) => clientOf(key).chat.completions.create({ ...says(routes[0], "Hi"), ...body });
  await assert.rejects(ask(KEY, { temperature: 9 }), OpenAI.BadRequestError);
  await assert.rejects(ask("sk-or-v1-wrong"), OpenAI.AuthenticationError);
  await assert.rejects(ask(POOR_KEY), (err) => err instanceof OpenAI.APIError && err.status === 402);
  await assert.rejects(ask(MANAGEMENT), OpenAI.PermissionDeniedError);
  await assert.rejects(ask(KEY, { model: "e2e/none" }), OpenAI.BadRequestError);
});

done();
