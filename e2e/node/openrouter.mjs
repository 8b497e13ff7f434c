// The official @openrouter/sdk, whose schemas are strict, by server URL and key alone.
import assert from "node:assert/strict";
import { OpenRouter } from "@openrouter/sdk";
import { BASE, KEY, MANAGEMENT, POOR_KEY, check, done, firstWords, hello, imageSeen, pixel, routes, says } from "./check.mjs";

const clientOf = (apiKey) => new OpenRouter({ serverURL: `${BASE}/api/v1`, apiKey, retryConfig: { strategy: "none" } });
const client = clientOf(KEY);
const manager = clientOf(MANAGEMENT);
const send = (request, by = client) => by.chat.send({ chatRequest: { stream: false, ...request } });
const status = (code) => (err) => err.statusCode === code || assert.fail(`${err.statusCode}, not ${code}: ${err}`);

const tools = ["weather", "clock"].map((name) => ({
  type: "function",
  function: { name, parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] } },
}));

for (const model of routes) {
  let id;

  await check(`${model} chat`, async () => {
    const r = await send(says(model, "Hi"));
    assert.equal(r.choices[0].message.content, hello);
    assert.equal(r.usage.totalTokens, 30);
    assert.equal(r.usage.cost, 0.0000364);
    id = r.id;
  });

  await check(`${model} its generation`, async () => {
    const { data } = await client.generations.getGeneration({ id });
    assert.equal(data.model, model);
    assert.equal(data.totalCost, 0.0000364);
    assert.equal(data.nativeTokensPrompt, 20);
    assert.equal(data.nativeTokensCompletion, 10);
    assert.equal(data.streamed, false);
  });

  await check(`${model} stream`, async () => {
    let text = "", usage, finish;
    for await (const chunk of await send({ ...says(model, "Hi"), stream: true })) {
      text += chunk.choices[0]?.delta?.content ?? "";
      finish = chunk.choices[0]?.finishReason ?? finish;
      usage = chunk.usage ?? usage;
    }
    assert.equal(text, hello);
    assert.equal(finish, "stop");
    assert.equal(usage.promptTokens, 20);
  });

  await check(`${model} tools and image`, async () => {
    const r = await send({ ...says(model, "Weather in Paris, time in Zürich?"), tools });
    assert.deepEqual(r.choices[0].message.toolCalls.map((c) => c.function.name), ["weather", "clock"]);
    const seen = await send(says(model, [{ type: "text", text: "What is this?" }, { type: "image_url", imageUrl: { url: pixel } }]));
    assert.equal(seen.choices[0].message.content, imageSeen);
  });

  await check(`${model} an error inside a stream`, async () => {
    let text = "", error, finish;
    for await (const chunk of await send({ ...says(model, "fail inside"), stream: true })) {
      text += chunk.choices[0]?.delta?.content ?? "";
      finish = chunk.choices[0]?.finishReason ?? finish;
      error = chunk.error ?? error;
    }
    assert.equal(text, firstWords);
    assert.equal(finish, "error");
    assert.equal(typeof error.code, "number");
  });

  await check(`${model} errors of the upstream`, async () => {
    await assert.rejects(send(says(model, "status 400")), status(400));
    await assert.rejects(send(says(model, "status 401")), status(502));
    await assert.rejects(send(says(model, "status 429")), status(429));
    await assert.rejects(send(says(model, "status 500")), status(502));
  });
}

await check("models", async () => {
  const ids = [];
  for await (const page of await client.models.list()) ids.push(...page.result.data.map((m) => m.id));
  for (const model of routes) assert.ok(ids.includes(model), `${ids}`);
  assert.equal((await client.models.count()).data.count, ids.length);
  const { data } = await client.endpoints.list({ author: "e2e", slug: "two" });
  assert.equal(data.endpoints.length, 2);
  assert.equal((await client.providers.list()).data.length, 6);
});

await check("errors of the gateway", async () => {
  await assert.rejects(send({ ...says(routes[0], "Hi"), temperature: 2.5 }), status(400));
  await assert.rejects(send(says(routes[0], "Hi"), clientOf("sk-or-v1-wrong")), status(401));
  await assert.rejects(send(says(routes[0], "Hi"), clientOf(POOR_KEY)), status(402));
  await assert.rejects(send(says(routes[0], "Hi"), manager), status(403));
  await assert.rejects(client.generations.getGeneration({ id: "gen-none" }), status(404));
  await assert.rejects(client.apiKeys.list(), (err) => err.statusCode >= 401 && err.statusCode <= 403);
});

await check("this key, and credits", async () => {
  const { data } = await client.apiKeys.getCurrentKeyMetadata();
  assert.equal(data.isManagementKey, false);
  assert.ok(data.usage > 0);
  const credits = await manager.credits.getCredits();
  assert.equal(credits.data.totalCredits, 0);
  assert.ok(credits.data.totalUsage >= data.usage);
});

await check("the life of a key", async () => {
  const made = await manager.apiKeys.create({ requestBody: { name: "made by the SDK", limit: 5, limitReset: "monthly" } });
  const hash = made.data.hash;
  await send(says(routes[0], "Hi"), clientOf(made.key));
  const { data: used } = await manager.apiKeys.get({ hash });
  assert.equal(used.usage, 0.0000364);
  assert.equal(used.limitRemaining, 5 - 0.0000364);
  const { data: changed } = await manager.apiKeys.update({ hash, requestBody: { name: "renamed", disabled: true } });
  assert.equal(changed.name, "renamed");
  assert.equal(changed.limit, 5);
  await assert.rejects(send(says(routes[0], "Hi"), clientOf(made.key)), status(401));
  assert.ok((await manager.apiKeys.list({ includeDisabled: true })).data.some((k) => k.hash === hash));
  assert.equal((await manager.apiKeys.delete({ hash })).deleted, true);
  await assert.rejects(manager.apiKeys.get({ hash }), status(404));
});

done();
