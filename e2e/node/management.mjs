// The management operations by the official @openrouter/sdk, whose schemas are strict: what
// an answer lacks or has of another type raises. The gateway is this script's own.
import assert from "node:assert/strict";
import { OpenRouter } from "@openrouter/sdk";
import { BASE, KEY, MANAGEMENT, check, done, routes, says } from "./check.mjs";

const clientOf = (apiKey) => new OpenRouter({ serverURL: `${BASE}/api/v1`, apiKey, retryConfig: { strategy: "none" } });
const client = clientOf(KEY);
const manager = clientOf(MANAGEMENT);
const { apiKeys, workspaces, guardrails, byok, organization, credits } = manager;
const send = (by, model = routes[0]) => by.chat.send({ chatRequest: { stream: false, ...says(model, "Hi") } });

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;
const cost = 0.0000364; // of one request

// refused is an error that the SDK knows for the operation, of the status.
const refused = (code, name) => (err) => {
  assert.equal(err.statusCode, code, String(err));
  assert.equal(err.name, name);
  assert.equal(err.error.code, code);
  assert.ok(err.error.message);
  return true;
};
const invalid = refused(400, "BadRequestResponseError");
const unauthorized = refused(401, "UnauthorizedResponseError");
const missing = refused(404, "NotFoundResponseError");

// all are the rows of every page, and how many the gateway says they are.
async function all(list, page) {
  const rows = [];
  let total;
  for await (const { result } of await list({ ...page, limit: 2 })) {
    assert.ok(result.data.length <= 2);
    rows.push(...result.data);
    total = result.totalCount;
  }
  assert.equal(rows.length, total);
  return rows;
}

// ours makes what OpenRouter has no operation for.
async function ours(path, body) {
  const r = await fetch(`${BASE}/api/v1${path}`, { method: "POST", headers: { authorization: `Bearer ${MANAGEMENT}` }, body: JSON.stringify(body) });
  const answer = await r.json();
  assert.ok(r.ok, JSON.stringify(answer));
  return answer.data;
}

const none = "00000000-0000-4000-8000-0000000000ff";
let home, team, ann, bob, key, guardrail;

await check("workspaces: the default one is there", async () => {
  const rows = await all((r) => workspaces.list(r));
  assert.equal(rows.length, 1);
  home = rows[0];
  assert.match(home.id, uuid);
  assert.match(home.defaultGuardrailId, uuid);
  assert.match(home.createdAt, time);
});

await check("workspaces: create, get, update", async () => {
  const created = await workspaces.create({ createWorkspaceRequest: {
    name: "Red team", slug: "red-team", description: "of the SDK", defaultTextModel: "e2e/openai", defaultImageModel: null, defaultProviderSort: "price",
    ioLoggingApiKeyIds: null, ioLoggingSamplingRate: 0.5, isObservabilityIoLoggingEnabled: false,
  } });
  team = created.data;
  assert.match(team.id, uuid);
  assert.equal(team.slug, "red-team");
  assert.equal(team.defaultTextModel, "e2e/openai");
  assert.equal(team.defaultProviderSort, "price");
  assert.equal(team.ioLoggingSamplingRate, 0.5);
  assert.equal(team.includeByokInBudgets, false);
  assert.equal(team.updatedAt, null);
  assert.deepEqual((await workspaces.get({ id: team.id })).data, team);
  assert.deepEqual((await workspaces.get({ id: "red-team" })).data, team);
  const { data: changed } = await workspaces.update({ id: "red-team", updateWorkspaceRequest: { name: "Blue team", description: null } });
  assert.match(changed.updatedAt, time);
  team = { ...team, name: "Blue team", description: null, updatedAt: changed.updatedAt };
  assert.deepEqual(changed, team);
  assert.deepEqual((await all((r) => workspaces.list(r))).map((w) => w.id).sort(), [home.id, team.id].sort());
});

await check("workspaces: errors", async () => {
  const make = (more) => workspaces.create({ createWorkspaceRequest: { name: "Again", slug: "again", ...more } });
  await assert.rejects(make({ slug: "red-team" }), invalid);
  await assert.rejects(make({ slug: "Not a slug" }), invalid);
  await assert.rejects(make({ name: "" }), invalid);
  await assert.rejects(workspaces.get({ id: none }), missing);
  await assert.rejects(workspaces.update({ id: none, updateWorkspaceRequest: { name: "x" } }), missing);
  await assert.rejects(workspaces.delete({ id: none }), missing);
  await assert.rejects(workspaces.delete({ id: home.id }), refused(403, "ForbiddenResponseError"));
  await assert.rejects(clientOf("sk-or-v1-wrong").workspaces.list(), unauthorized);
  await assert.rejects(workspaces.list({ limit: 1001 }), (err) => err.statusCode === 400);
});

await check("organization members", async () => {
  ann = await ours("/organization/members", { email: "ann@example.com", first_name: "Ann", role: "admin" });
  bob = await ours("/organization/members", { email: "bob@example.com" });
  await ours("/organization/members", { email: "cy@example.com" });
  const rows = await all((r) => organization.listMembers(r));
  assert.equal(rows.length, 3);
  const row = (m) => rows.find((r) => r.id === m.id);
  assert.deepEqual(row(ann), { id: ann.id, email: "ann@example.com", firstName: "Ann", lastName: null, role: "org:admin" });
  assert.equal(row(bob).role, "org:member");
});

await check("workspace members", async () => {
  const add = (userIds) => workspaces.bulkAddMembers({ id: team.slug, bulkAddWorkspaceMembersRequest: { userIds } });
  const added = await add([ann.id, bob.id]);
  assert.equal(added.addedCount, 2);
  assert.deepEqual(added.data.map((m) => [m.userId, m.workspaceId, m.role]), [[ann.id, team.id, "admin"], [bob.id, team.id, "member"]]);
  assert.match(added.data[0].id, uuid);
  assert.deepEqual(await add([bob.id]), { addedCount: 0, data: [] });
  await assert.rejects(add([none]), invalid);
  await assert.rejects(add([]), invalid);
  assert.deepEqual(await all((r) => workspaces.listMembers({ id: team.id, ...r })), added.data);
  assert.equal((await all((r) => workspaces.listMembers({ id: home.id, ...r }))).length, 3, "everybody is in the default workspace");
  await assert.rejects(workspaces.listMembers({ id: none }), missing);
});

await check("workspace budgets", async () => {
  const set = (interval, limitUsd, more) => workspaces.setBudget({ workspaceRef: team.id, interval, upsertWorkspaceBudgetRequest: { limitUsd, ...more } });
  const monthly = await set("monthly", 100, { includeByokInBudgets: true });
  assert.equal(monthly.data.limitUsd, 100);
  assert.equal(monthly.data.resetInterval, "monthly");
  assert.equal(monthly.data.workspaceId, team.id);
  assert.equal(monthly.includeByokInBudgets, true);
  const whole = await set("lifetime", 1000.5);
  assert.equal(whole.data.resetInterval, null);
  const again = await set("monthly", 200);
  assert.equal(again.data.id, monthly.data.id);
  assert.equal(again.data.limitUsd, 200);
  await set("daily", 0.000000001);
  await assert.rejects(set("weekly", 200), invalid);
  await assert.rejects(set("weekly", 0), invalid);
  const list = await workspaces.listBudgets({ workspaceRef: team.slug });
  assert.deepEqual(list.data.map((b) => [b.resetInterval, b.limitUsd]), [[null, 1000.5], ["monthly", 200], ["daily", 1e-9]]);
  assert.deepEqual((await workspaces.getBudget({ workspaceRef: team.id, interval: "lifetime" })).data, whole.data);
  assert.equal((await workspaces.deleteBudget({ workspaceRef: team.id, interval: "daily" })).deleted, true);
  await assert.rejects(workspaces.getBudget({ workspaceRef: team.id, interval: "daily" }), missing);
  await assert.rejects(workspaces.deleteBudget({ workspaceRef: team.id, interval: "daily" }), missing);
  assert.equal((await workspaces.get({ id: team.id })).data.includeByokInBudgets, true);
});

await check("keys: of a member, in a workspace", async () => {
  const expiresAt = new Date("2099-12-31T23:59:59.000Z");
  const made = await apiKeys.create({ requestBody: {
    name: "Bob's", creatorUserId: bob.id, workspaceId: team.id, limit: 12.5, limitReset: "weekly", includeByokInLimit: true, expiresAt,
  } });
  assert.match(made.key, /^sk-or-v1-/);
  key = made.data;
  assert.match(key.hash, /^[0-9a-f]{64}$/);
  assert.ok(made.key.startsWith(key.label.split("...")[0]));
  const { name, creatorUserId, workspaceId, limit, limitRemaining, limitReset, includeByokInLimit, usage, updatedAt } = key;
  assert.deepEqual([name, creatorUserId, workspaceId, limit, limitRemaining, limitReset, includeByokInLimit, usage, updatedAt],
    ["Bob's", bob.id, team.id, 12.5, 12.5, "weekly", true, 0, null]);
  assert.deepEqual(key.expiresAt, expiresAt);
  key.plain = made.key;

  await send(clientOf(made.key));
  const { data: used } = await apiKeys.get({ hash: key.hash });
  assert.deepEqual([used.usage, used.usageDaily, used.usageWeekly, used.usageMonthly], [cost, cost, cost, cost]);
  const { data: own } = await clientOf(made.key).apiKeys.getCurrentKeyMetadata();
  assert.deepEqual([own.label, own.limit, own.limitRemaining, own.usage], [key.label, 12.5, 12.5 - cost, cost]);
  assert.deepEqual([own.creatorUserId, own.workspaceId, own.isManagementKey, own.isFreeTier], [bob.id, team.id, false, false]);
});

await check("keys: update, and lists by workspace", async () => {
  const update = (requestBody) => apiKeys.update({ hash: key.hash, requestBody });
  const { data: off } = await update({ disabled: true, limit: null, limitReset: null, name: "Robert's" });
  assert.deepEqual([off.disabled, off.limit, off.limitRemaining, off.limitReset, off.name], [true, null, null, null, "Robert's"]);
  assert.match(off.updatedAt, time);
  const hashes = async (r) => (await apiKeys.list(r)).data.map((k) => k.hash);
  assert.deepEqual(await hashes({ workspaceId: team.id }), []);
  assert.deepEqual(await hashes({ workspaceId: team.id, includeDisabled: true }), [key.hash]);
  assert.deepEqual(await hashes({ workspaceId: team.id, includeDisabled: true, offset: 1 }), []);
  assert.ok(!(await hashes({ includeDisabled: true })).includes(key.hash), "the list is the default workspace's");
  assert.equal((await update({ disabled: false })).data.disabled, false);
});

await check("keys: errors", async () => {
  const make = (more) => apiKeys.create({ requestBody: { name: "x", ...more } });
  await assert.rejects(make({ name: "" }), invalid);
  await assert.rejects(make({ limit: -1 }), invalid);
  await assert.rejects(make({ workspaceId: none }), invalid);
  await assert.rejects(make({ creatorUserId: "nobody" }), invalid);
  await assert.rejects(make({ expiresAt: new Date(0) }), invalid);
  await assert.rejects(apiKeys.get({ hash: "0".repeat(64) }), missing);
  await assert.rejects(apiKeys.delete({ hash: "0".repeat(64) }), missing);
  await assert.rejects(clientOf("sk-or-v1-wrong").apiKeys.getCurrentKeyMetadata(), unauthorized);
});

await check("guardrails: create, get, list", async () => {
  const made = await guardrails.create({ createGuardrailRequest: {
    name: "Careful", description: "of the SDK", workspaceId: team.id,
    allowedModels: ["e2e/openai", "e2e/gemini"], ignoredModels: ["e2e/two"], allowedProviders: ["up-openai", "up-gemini"], ignoredProviders: ["up-gemini"],
    limitUsd: 3.5, resetInterval: "daily", includeByokInBudgets: true,
    enforceZdr: null, enforceZdrAnthropic: true, enforceZdrGoogle: false, enablePaidModelTraining: false, enableFreeModelTraining: true,
    contentFilterBuiltins: [{ slug: "email", action: "redact" }, { slug: "regex-prompt-injection", action: "block", scanScope: "user_only" }],
    contentFilters: [{ pattern: "SECRET-\\d+", action: "block", label: "ticket" }, { pattern: "forbidden", action: "redact" }],
  } });
  guardrail = made.data;
  assert.match(guardrail.id, uuid);
  assert.equal(guardrail.workspaceId, team.id);
  assert.deepEqual(guardrail.allowedModels, ["e2e/openai", "e2e/gemini"]);
  assert.deepEqual(guardrail.ignoredModels, ["e2e/two"]);
  assert.deepEqual(guardrail.allowedProviders, ["up-openai", "up-gemini"]);
  assert.deepEqual(guardrail.ignoredProviders, ["up-gemini"]);
  assert.deepEqual([guardrail.limitUsd, guardrail.resetInterval, guardrail.includeByokInBudgets], [3.5, "daily", true]);
  assert.deepEqual([guardrail.enforceZdr, guardrail.enforceZdrAnthropic, guardrail.enforceZdrGoogle, guardrail.enforceZdrXai], [null, true, false, null]);
  assert.deepEqual([guardrail.enablePaidModelTraining, guardrail.enableFreeModelTraining, guardrail.enableFreeModelPublication], [false, true, null]);
  assert.deepEqual(guardrail.contentFilterBuiltins.map((f) => [f.slug, f.action, f.scanScope]), [["email", "redact", undefined], ["regex-prompt-injection", "block", "user_only"]]);
  assert.deepEqual(guardrail.contentFilters, [{ pattern: "SECRET-\\d+", action: "block", label: "ticket" }, { pattern: "forbidden", action: "redact", label: null }]);
  assert.deepEqual((await guardrails.get({ id: guardrail.id })).data, guardrail);
  for (const name of ["b", "c"]) await guardrails.create({ createGuardrailRequest: { name } });
  assert.equal((await all((r) => guardrails.list(r))).length, 3);
  assert.deepEqual(await all((r) => guardrails.list({ workspaceId: team.id, ...r })), [guardrail]);
});

await check("guardrails: update replaces lists whole, null clears", async () => {
  const { data: changed } = await guardrails.update({ id: guardrail.id, updateGuardrailRequest: {
    allowedModels: ["e2e/gemini"], allowedProviders: null, ignoredProviders: null, limitUsd: null, resetInterval: null, contentFilters: [],
    enforceZdrAnthropic: null, enablePaidModelTraining: null,
  } });
  assert.match(changed.updatedAt, time);
  assert.deepEqual(changed.allowedModels, ["e2e/gemini"]);
  assert.deepEqual([changed.allowedProviders, changed.ignoredProviders, changed.limitUsd, changed.resetInterval, changed.enforceZdrAnthropic], [null, null, null, null, null]);
  assert.equal(changed.contentFilterBuiltins.length, 2);
  assert.ok(!changed.contentFilters?.length);
  guardrail = changed;
  const { data: materialized } = await guardrails.update({ id: home.defaultGuardrailId, updateGuardrailRequest: { description: "of everybody" } });
  assert.equal(materialized.id, home.defaultGuardrailId);
  assert.equal(materialized.workspaceId, home.id);
});

await check("guardrails: keys under them", async () => {
  const { id } = guardrail;
  const keyHashes = [key.hash];
  const assign = (id) => guardrails.bulkAssignKeys({ id, bulkAssignKeysRequest: { keyHashes } });
  assert.equal((await assign(id)).assignedCount, 1);
  assert.equal((await assign(id)).assignedCount, 0, "it is under it already");
  const rows = await all((r) => guardrails.listGuardrailKeyAssignments({ id, ...r }));
  assert.equal(rows.length, 1);
  assert.match(rows[0].id, uuid);
  assert.match(rows[0].createdAt, time);
  assert.deepEqual([rows[0].guardrailId, rows[0].keyHash, rows[0].keyLabel, rows[0].keyName], [id, key.hash, key.label, "Robert's"]);
  assert.deepEqual(await all((r) => guardrails.listKeyAssignments(r)), rows);
  await assert.rejects(send(clientOf(key.plain)), (err) => err.statusCode === 404 || err.statusCode === 403);
  await send(clientOf(key.plain), "e2e/gemini");
  const other = (await all((r) => guardrails.list(r))).find((g) => g.name === "b").id;
  assert.equal((await assign(other)).assignedCount, 1, "one takes the place of the other");
  assert.deepEqual(await all((r) => guardrails.listGuardrailKeyAssignments({ id, ...r })), []);
  const unassign = (id) => guardrails.bulkUnassignKeys({ id, bulkUnassignKeysRequest: { keyHashes } });
  assert.equal((await unassign(id)).unassignedCount, 0, "it is under another");
  assert.equal((await unassign(other)).unassignedCount, 1);
  assert.deepEqual(await all((r) => guardrails.listKeyAssignments(r)), []);
  await send(clientOf(key.plain));
});

await check("guardrails: data regions", async () => {
  const keyHashes = [key.hash];
  const { data } = await guardrails.create({ createGuardrailRequest: { name: "regions", allowedDataRegions: ["global", "us"] } });
  assert.deepEqual(data.allowedDataRegions, ["global", "us"]);
  await guardrails.bulkAssignKeys({ id: data.id, bulkAssignKeysRequest: { keyHashes } });
  await send(clientOf(key.plain)); // this is the global address
  await guardrails.update({ id: data.id, updateGuardrailRequest: { allowedDataRegions: ["europe"] } });
  await assert.rejects(send(clientOf(key.plain)), (err) => err.statusCode === 403);
  assert.equal((await guardrails.delete({ id: data.id })).deleted, true);
  await send(clientOf(key.plain));
});

await check("guardrails: members under them", async () => {
  const { id } = guardrail;
  const memberUserIds = [ann.id, bob.id];
  assert.equal((await guardrails.bulkAssignMembers({ id, bulkAssignMembersRequest: { memberUserIds } })).assignedCount, 2);
  const rows = await all((r) => guardrails.listGuardrailMemberAssignments({ id, ...r }));
  assert.deepEqual(rows.map((r) => r.userId).sort(), [...memberUserIds].sort());
  assert.equal(rows[0].guardrailId, id);
  assert.match(rows[0].id, uuid);
  assert.ok(rows[0].organizationId);
  assert.deepEqual(await all((r) => guardrails.listMemberAssignments(r)), rows);
  await assert.rejects(send(clientOf(key.plain)), (err) => err.statusCode === 404 || err.statusCode === 403);
  assert.equal((await guardrails.bulkUnassignMembers({ id, bulkUnassignMembersRequest: { memberUserIds } })).unassignedCount, 2);
  assert.equal((await guardrails.bulkUnassignMembers({ id, bulkUnassignMembersRequest: { memberUserIds } })).unassignedCount, 0);
  assert.deepEqual(await all((r) => guardrails.listMemberAssignments(r)), []);
});

await check("guardrails: errors, and delete frees", async () => {
  const { id } = guardrail;
  const make = (more) => guardrails.create({ createGuardrailRequest: { name: "x", ...more } });
  await assert.rejects(make({ contentFilters: [{ pattern: "(", action: "block" }] }), invalid);
  await assert.rejects(make({ allowedModels: [] }), invalid);
  await assert.rejects(make({ limitUsd: -1 }), invalid);
  await assert.rejects(make({ workspaceId: none }), invalid);
  await assert.rejects(guardrails.get({ id: none }), missing);
  await assert.rejects(guardrails.listGuardrailKeyAssignments({ id: none }), missing);
  await assert.rejects(guardrails.bulkAssignKeys({ id: none, bulkAssignKeysRequest: { keyHashes: [key.hash] } }), missing);
  await assert.rejects(guardrails.bulkAssignKeys({ id, bulkAssignKeysRequest: { keyHashes: ["0".repeat(64)] } }), invalid);
  await assert.rejects(guardrails.bulkAssignMembers({ id, bulkAssignMembersRequest: { memberUserIds: [none] } }), invalid);
  await guardrails.bulkAssignKeys({ id, bulkAssignKeysRequest: { keyHashes: [key.hash] } });
  assert.equal((await guardrails.delete({ id })).deleted, true);
  await assert.rejects(guardrails.delete({ id }), missing);
  assert.deepEqual(await all((r) => guardrails.listKeyAssignments(r)), []);
});

await check("byok: create, get, list, update, delete", async () => {
  const plain = "up-openai-key";
  const made = await byok.create({ createBYOKKeyRequest: {
    provider: "up-openai", key: plain, name: "ours", workspaceId: team.id, allowedModels: ["e2e/openai"], allowedApiKeyHashes: [key.hash], allowedUserIds: [bob.id],
  } });
  const own = made.data;
  assert.match(own.id, uuid);
  assert.ok(!own.label.includes(plain));
  assert.deepEqual([own.provider, own.name, own.workspaceId, own.disabled, own.isFallback, own.isRequired, own.isByokOnly, own.declaredZdr],
    ["up-openai", "ours", team.id, false, false, false, false, null]);
  assert.deepEqual([own.allowedModels, own.allowedApiKeyHashes, own.allowedUserIds], [["e2e/openai"], [key.hash], [bob.id]]);
  assert.deepEqual((await byok.get({ id: own.id })).data, own);

  const { id } = await send(clientOf(key.plain));
  const { data: record } = await clientOf(key.plain).generations.getGeneration({ id });
  assert.equal(record.isByok, true);
  assert.equal(record.upstreamInferenceCost, cost);
  assert.equal(record.workspaceId, team.id);

  for (const provider of ["up-gemini", "up-anthropic"]) await byok.create({ createBYOKKeyRequest: { provider, key: "k", workspaceId: team.id, isFallback: true } });
  const rows = await all((r) => byok.list({ workspaceId: team.id, ...r }));
  assert.equal(rows.length, 3);
  assert.deepEqual(rows.map((k) => k.sortOrder), rows.map((k) => k.sortOrder).sort((a, b) => a - b));
  assert.deepEqual(await all((r) => byok.list({ provider: "up-openai", ...r })), [own]);
  const { data: changed } = await byok.update({ id: own.id, updateBYOKKeyRequest: { disabled: true, key: "another-key", allowedModels: null, allowedApiKeyHashes: null, name: null } });
  assert.deepEqual([changed.disabled, changed.allowedModels, changed.allowedApiKeyHashes, changed.name, changed.allowedUserIds], [true, null, null, null, [bob.id]]);
  assert.notEqual(changed.label, own.label);
  const { data: strict } = await byok.update({ id: own.id, updateBYOKKeyRequest: { isRequired: true, isByokOnly: true, declaredZdr: true } });
  assert.deepEqual([strict.isRequired, strict.isByokOnly, strict.declaredZdr, strict.disabled], [true, true, true, true]);
  await assert.rejects(byok.update({ id: own.id, updateBYOKKeyRequest: { isFallback: true } }), invalid);
  assert.equal((await byok.delete({ id: own.id })).deleted, true);
  await assert.rejects(byok.get({ id: own.id }), missing);
  await assert.rejects(byok.delete({ id: own.id }), missing);
});

await check("byok: errors", async () => {
  const make = (more) => byok.create({ createBYOKKeyRequest: { provider: "up-openai", key: "k", ...more } });
  await assert.rejects(make({ key: "" }), invalid);
  await assert.rejects(make({ provider: "nobody" }), invalid);
  await assert.rejects(make({ allowedApiKeyHashes: [] }), invalid);
  await assert.rejects(make({ allowedApiKeyHashes: ["0".repeat(64)] }), invalid);
  await assert.rejects(make({ workspaceId: none }), invalid);
  await assert.rejects(byok.update({ id: none, updateBYOKKeyRequest: { name: "x" } }), missing);
});

await check("credits", async () => {
  const { data: before } = await credits.getCredits();
  await ours("/credits/grant", { amount: 12.345678901, ref: "sdk-1" });
  await ours("/credits/grant", { amount: 12.345678901, ref: "sdk-1" }); // moves nothing
  const { data: after } = await credits.getCredits();
  assert.equal(after.totalCredits, before.totalCredits + 12.345678901);
  assert.equal(after.totalUsage, before.totalUsage);
  assert.ok(after.totalUsage > 0);
});

await check("generations", async () => {
  const { id } = await send(client, "e2e/anthropic");
  const { data } = await client.generations.getGeneration({ id });
  assert.equal(data.id, id);
  assert.deepEqual([data.model, data.providerName, data.apiType, data.streamed, data.cancelled], ["e2e/anthropic", "Up Anthropic", "completions", false, false]);
  assert.deepEqual([data.totalCost, data.usage, data.isByok, data.finishReason], [cost, cost, false, "stop"]);
  assert.deepEqual([data.nativeTokensPrompt, data.nativeTokensCompletion, data.nativeTokensCached, data.nativeTokensReasoning], [20, 10, 4, 3]);
  assert.equal(data.providerResponses.length, 1);
  assert.deepEqual([data.providerResponses[0].providerName, data.providerResponses[0].status], ["Up Anthropic", 200]);
  await assert.rejects(client.generations.getGeneration({ id: "gen-none" }), missing);
});

await check("models, endpoints, providers", async () => {
  const { data: model } = await client.models.get({ author: "e2e", slug: "openai" });
  assert.deepEqual([model.id, model.contextLength, model.pricing.prompt, model.pricing.completion, model.pricing.inputCacheRead], ["e2e/openai", 100000, "0.000001", "0.000002", "0.0000001"]);
  await assert.rejects(client.models.get({ author: "e2e", slug: "none" }), missing);
  const pages = [];
  for await (const { result } of await client.models.list({ limit: 3 })) {
    assert.equal(result.totalCount, 7);
    pages.push(result.data.map((m) => m.id));
  }
  assert.deepEqual(pages.map((p) => p.length), [3, 3, 1]);
  assert.equal(new Set(pages.flat()).size, 7);
  assert.equal((await client.models.count()).data.count, 7);
  const mine = [];
  for await (const { result } of await client.models.listForUser({ bearer: KEY })) mine.push(...result.data);
  assert.deepEqual(mine.map((m) => m.id).sort(), pages.flat().sort());
  const { data: two } = await client.endpoints.list({ author: "e2e", slug: "two" });
  assert.equal(two.id, "e2e/two");
  assert.deepEqual(two.endpoints.map((e) => [e.tag, e.providerName, e.modelId, e.status, e.pricing.prompt]).sort(), [
    ["up-anthropic", "Up Anthropic", "e2e/two", 0, "0.000001"], ["up-openai", "Up OpenAI", "e2e/two", 0, "0.000001"]]);
  await assert.rejects(client.endpoints.list({ author: "e2e", slug: "none" }), missing);
  assert.deepEqual((await client.endpoints.listZdrEndpoints()).data, []);
  const { data: companies } = await client.providers.list();
  assert.deepEqual(companies.map((p) => p.slug).sort(), ["up-anthropic", "up-cohere", "up-gemini", "up-ollama", "up-openai", "up-responses"]);
});

await check("presets", async () => {
  const { presets } = manager;
  const { data: made } = await presets.createPresetsChatCompletions({ slug: "brief", chatRequest: { ...says(routes[0], "Hi"), temperature: 0.2 } });
  assert.equal(made.slug, "brief");
  const { data: got } = await presets.get({ slug: "brief" });
  assert.equal(got.id, made.id);
  assert.deepEqual((await all((r) => presets.list(r))).map((p) => p.slug), ["brief"]);
  assert.equal((await all((r) => presets.listVersions({ slug: "brief", ...r }))).length, 1);
  assert.equal((await presets.getVersion({ slug: "brief", version: "1" })).data.version, 1);
  await assert.rejects(presets.get({ slug: "none" }), missing);
});

await check("activity and analytics", async () => {
  const { analytics } = manager;
  assert.ok(Array.isArray((await analytics.getUserActivity()).data));
  const { data: meta } = await analytics.getAnalyticsMeta();
  assert.ok(meta.metrics.length > 0 && meta.dimensions.length > 0);
  const { data } = await analytics.queryAnalytics({ requestBody: { metrics: ["request_count"] } });
  assert.ok(data);
});

await check("observability destinations", async () => {
  const { observability } = manager;
  const config = { url: "https://hooks.example.com/in" };
  const { data: made } = await observability.create({ createObservabilityDestinationRequest: { type: "webhook", name: "hook", config, enabled: false } });
  assert.match(made.id, uuid);
  assert.deepEqual([made.type, made.name, made.enabled], ["webhook", "hook", false]);
  assert.equal((await observability.get({ id: made.id })).data.id, made.id);
  assert.deepEqual((await all((r) => observability.list(r))).map((d) => d.id), [made.id]);
  assert.equal((await observability.update({ id: made.id, updateObservabilityDestinationRequest: { name: "renamed" } })).data.name, "renamed");
  await assert.rejects(observability.update({ id: made.id, updateObservabilityDestinationRequest: { regions: ["europe"] } }), invalid);
  assert.equal((await observability.delete({ id: made.id })).deleted, true);
  await assert.rejects(observability.get({ id: made.id }), missing);
});

await check("groups of an identity provider", async () => {
  const { scim } = manager;
  const made = await fetch(`${BASE}/scim/v2/Groups`, { method: "POST", headers: { authorization: `Bearer ${MANAGEMENT}`, "content-type": "application/scim+json" },
    body: JSON.stringify({ schemas: ["urn:ietf:params:scim:schemas:core:2.0:Group"], displayName: "engineers" }) });
  assert.equal(made.status, 201);
  const [group] = await all((r) => scim.listGroups(r));
  assert.equal(group.displayName, "engineers");
  const { data: mapping } = await scim.create({ createScimGroupMappingRequest: { scimGroupId: group.id, workspaceId: team.id, role: "member" } });
  assert.deepEqual([mapping.scimGroupId, mapping.workspaceId, mapping.role], [group.id, team.id, "member"]);
  const id = mapping.id;
  assert.equal((await scim.update({ id, updateScimGroupMappingRequest: { role: "admin" } })).data.role, "admin");
  assert.equal((await scim.read({ id })).data.role, "admin");
  assert.deepEqual((await all((r) => scim.listMappings(r))).map((m) => m.id), [id]);
  const { data: job } = (await scim.createSyncJob({})).result;
  assert.deepEqual([job.status, job.syncedGroups, job.errorMessage], ["succeeded", 1, null]);
  assert.deepEqual((await scim.getSyncJob({ id: job.id })).data, job);
  assert.equal((await scim.delete({ id, keepMembers: false })).deleted, true);
  await assert.rejects(scim.read({ id }), missing);
});

await check("applications and workloads", async () => {
  const { oAuth } = manager;
  const { data: code } = await oAuth.createAuthCode({ requestBody: { callbackUrl: "https://app.example.com/", keyLabel: "an app" } });
  const exchanged = await oAuth.exchangeAuthCodeForAPIKey({ requestBody: { code: code.id } });
  assert.match(exchanged.key, /^sk-or-v1-/);
  await apiKeys.delete({ hash: (await apiKeys.list({})).data.find((k) => k.name === "an app").hash });
  assert.ok(Array.isArray((await oAuth.listOauthJwks()).keys));
  const tokenExchangeRequest = { grantType: "urn:ietf:params:oauth:grant-type:token-exchange", subjectToken: "a.b.c", subjectTokenType: "urn:ietf:params:oauth:token-type:jwt", federationPolicyId: none };
  await assert.rejects(oAuth.createOauthToken({ tokenExchangeRequest }), (err) => err.statusCode === 400);
});

await check("contents and feedback", async () => {
  const { id } = await send(client);
  await assert.rejects(manager.generations.listGenerationContent({ id }), missing); // nothing is kept
  const { data } = await manager.generations.submitFeedback({ submitGenerationFeedbackRequest: { generationId: id, category: "latency", comment: "slow" } });
  assert.ok(data.success);
});

await check("the end of a workspace", async () => {
  const remove = (userIds) => workspaces.bulkRemoveMembers({ id: team.id, bulkRemoveWorkspaceMembersRequest: { userIds } });
  await assert.rejects(remove([bob.id]), invalid); // has a key that works
  await assert.rejects(workspaces.delete({ id: team.id }), invalid);
  assert.equal((await apiKeys.delete({ hash: key.hash })).deleted, true);
  await assert.rejects(apiKeys.delete({ hash: key.hash }), missing);
  assert.equal((await remove([ann.id, bob.id])).removedCount, 2);
  assert.equal((await remove([ann.id])).removedCount, 0);
  assert.equal((await workspaces.delete({ id: team.id })).deleted, true);
  await assert.rejects(workspaces.delete({ id: team.id }), missing);
  assert.deepEqual((await all((r) => workspaces.list(r))).map((w) => w.id), [home.id]);
});

done();
