// What the payments API's clients in TypeScript do, against a running server.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { createRequire } from "node:module";

const require = createRequire(`${process.env.SDK}/`);
const { SDK } = require("@formance/formance-sdk");
const { V3ErrorResponse } = require("@formance/formance-sdk/sdk/models/payments");

const PAYMENTS = 61;
const ASSET = "EUR/2";
const api = new SDK({ serverURL: process.env.URL }).payments.v3;
const config = { ...JSON.parse(readFileSync(process.env.CONFIG, "utf8")), provider: "Qonto", name: "main" };

function exported(what) {
  const command = ["export", "--store", process.env.STORE, what, "--format", "ndjson"];
  const lines = execFileSync(process.env.HARNESS, command, { encoding: "utf8" }).trim().split("\n");
  return lines.map((line) => JSON.parse(line));
}

// The call fails with the SDK's own type for it, with this status and code.
async function refused(call, status, code) {
  const error = await call.then(() => assert.fail("not refused"), (error) => error);
  assert(error instanceof V3ErrorResponse, error);
  assert.deepEqual([error.statusCode, error.errorCode], [status, code], error.errorMessage);
  return error.errorMessage;
}

async function until(done) {
  for (const deadline = Date.now() + 60_000; Date.now() < deadline; await setTimeout(100)) {
    const found = await done();
    if (found) return found;
  }
  return assert.fail("it took longer than a minute");
}

const install = (fields = {}) => api.installConnector({ connector: "qonto", v3ConnectorConfig: { ...config, ...fields } });

// All parts of a list, forth; and back again, which has to be the same.
async function walked(list, request) {
  const parts = [await list(request)];
  while (parts.at(-1).hasMore) parts.push(await list({ cursor: parts.at(-1).next }));
  assert.deepEqual([parts[0].previous, parts.at(-1).next], [undefined, undefined]);
  let back = parts.at(-1);
  for (const part of parts.slice(0, -1).reverse()) {
    back = await list({ cursor: back.previous });
    assert.deepEqual(back.data, part.data);
  }
  return parts.flatMap((part) => part.data);
}

const payments = (request = {}) =>
  walked(async (part) => (await api.listPayments(part)).v3PaymentsCursorResponse.cursor, request);
const accounts = (request = {}) =>
  walked(async (part) => (await api.listAccounts(part)).v3AccountsCursorResponse.cursor, request);
const payment = async (paymentID) => (await api.getPayment({ paymentID })).v3GetPaymentResponse.data;

// For each schedule, its runs.
async function runs(connectorID) {
  const schedules = (await api.listConnectorSchedules({ connectorID })).v3ConnectorSchedulesCursorResponse.cursor.data;
  return Promise.all(schedules.map(async ({ id: scheduleID }) => {
    const got = await api.getConnectorSchedule({ connectorID, scheduleID });
    assert.equal(got.v3ConnectorScheduleResponse.data.id, scheduleID);
    const listed = await api.listConnectorScheduleInstances({ connectorID, scheduleID });
    return listed.v3ConnectorScheduleInstancesCursorResponse.cursor.data;
  }));
}

// Waits until so many polls are over. Some schedules are due once a day, and the currencies are not all readable.
async function polled(connector, times) {
  const found = await until(async () => {
    const found = await runs(connector);
    const over = found.flat().every((run) => run.terminated);
    return over && found.length === 5 && found.some((schedule) => schedule.length >= times) && found;
  });
  const errors = found.flat().flatMap((run) => run.error ?? []);
  assert(errors.every((error) => error.startsWith("missing: ")), errors.join());
}

async function taskDone(taskID) {
  const task = await until(async () => {
    const found = (await api.getTask({ taskID })).v3GetTaskResponse.data;
    return found.status !== "PROCESSING" && found;
  });
  assert.equal(task.status, "SUCCEEDED", task.error);
  return task;
}

async function checkRefusals() {
  await refused(install({ pollingPeriod: "soon" }), 400, "VALIDATION");
  await refused(install({ endpoint: "nonsense" }), 400, "VALIDATION");
  await refused(api.installConnector({ connector: "nobody", v3ConnectorConfig: config }), 400, "VALIDATION");
  await refused(api.getPayment({ paymentID: "x" }), 400, "INVALID_ID");
  await refused(api.getAccount({ accountID: "x" }), 400, "INVALID_ID");
  await refused(api.getConnectorConfig({ connectorID: "x" }), 400, "INVALID_ID");
  await refused(api.getPool({ poolID: "x" }), 404, "NOT_FOUND");
  await refused(api.listPayments({ cursor: "x" }), 400, "VALIDATION");
  const account = { connectorID: "x", reference: "x", accountName: "x", type: "INTERNAL", createdAt: new Date() };
  await refused(api.createAccount(account), 400, "VALIDATION");
  assert.deepEqual([await payments(), await accounts()], [[], []]);
}

async function checkPayments() {
  const [listed, known] = [await payments({ pageSize: 7 }), exported("payments")];
  assert.deepEqual([listed.length, known.length], [PAYMENTS, PAYMENTS]);
  for (const one of listed) {
    const its = known.find((its) => its.reference === one.reference);
    assert.deepEqual(
      [one.type, one.status, one.scheme, String(one.amount), one.asset, one.createdAt, one.adjustments],
      [its.type, its.status, its.scheme, its.amount, ASSET, new Date(its.createdAt), null],
    );
    assert.deepEqual({ ...one.metadata, ...its.metadata }, one.metadata);
    const { adjustments, ...got } = await payment(one.id);
    assert.deepEqual({ ...got, adjustments: null }, one);
    assert.deepEqual(adjustments[0].raw, its.raw);
    const versions = adjustments.map(({ status, amount }) => [status, String(amount)]).reverse();
    assert.deepEqual(versions, its.adjustments.map(({ status, amount }) => [status, amount]));
  }
  return listed;
}

async function checkFilters(listed) {
  const picked = (query) => payments({ query, pageSize: 9 });
  const payIns = listed.filter((one) => one.type === "PAY-IN");
  assert.equal(payIns.length, 20);
  assert.deepEqual(await picked({ $match: { type: "PAY-IN" } }), payIns);
  const large = { $gte: { amount: 1030 } };
  assert.deepEqual(await picked(large), listed.filter((one) => one.amount >= 1030));
  assert.deepEqual(await picked({ $not: large }), listed.filter((one) => one.amount < 1030));
  const both = [{ $match: { "metadata[com.qonto.spec/side]": "credit" } }, { $match: { status: "SUCCEEDED" } }];
  assert.deepEqual(await picked({ $and: both }), payIns);
  assert.match(await refused(api.listPayments({ query: { $match: { colour: "red" } } }), 400, "VALIDATION"), /'colour'/);
}

async function checkAccounts() {
  const [own, ...others] = (await accounts()).filter((one) => one.type === "INTERNAL");
  const [known] = exported("accounts");
  assert.equal(others.length, 0);
  assert.deepEqual(
    [own.reference, own.name, own.defaultAsset, own.raw, own.metadata],
    [known.reference, known.name, known.defaultAsset, known.raw, known.metadata],
  );
  assert.deepEqual((await api.getAccount({ accountID: own.id })).v3GetAccountResponse.data, own);
  const balances = async (request) =>
    (await api.getAccountBalances({ accountID: own.id, ...request })).v3BalancesCursorResponse.cursor.data;
  const [balance, ...more] = await balances({ asset: ASSET });
  const booked = exported("balances").find((one) => one.type === "BOOKED");
  assert.deepEqual([String(balance.balance), balance.accountID, more], [booked.amount, own.id, []]);
  assert.deepEqual(await balances({ toTimestamp: new Date("2001-01-01") }), []);
}

// Another config is taken, the secret stays, and the payment that has settled since has two versions.
async function checkConfig(connectorID) {
  const [pending] = await payments({ query: { $match: { status: "PENDING" } } });
  const shown = async () => (await api.getConnectorConfig({ connectorID })).v3GetConnectorConfigResponse.data;
  const before = await shown();
  assert.deepEqual([before.name, before.apiKey, before.clientID], ["main", "***", config.clientID]);
  await api.v3UpdateConnectorConfig({ connectorID, v3ConnectorConfig: { ...before, pollingPeriod: "45m" } });
  const after = await shown();
  assert.deepEqual([after.pollingPeriod, after.apiKey], ["45m0s", "***"]);
  await polled(connectorID, 2);
  const { adjustments } = await payment(pending.id);
  assert.deepEqual(adjustments.map((one) => one.status), ["SUCCEEDED", "PENDING"]);
}

async function checkMetadata({ id: paymentID, metadata }) {
  await api.updatePaymentMetadata({ paymentID, v3UpdatePaymentMetadataRequest: { metadata: { seen: "yes" } } });
  assert.deepEqual((await payment(paymentID)).metadata, { ...metadata, seen: "yes" });
}

await checkRefusals();
const connectorID = (await install()).v3InstallConnectorResponse.data;
await refused(install(), 400, "CONFLICT");
const [listed] = (await api.listConnectors({})).v3ConnectorsCursorResponse.cursor.data;
assert.deepEqual(
  [listed.id, listed.name, listed.provider, listed.scheduledForDeletion],
  [connectorID, "main", "qonto", false],
);
const can = (await api.getConnectorCapabilities({ connectorID })).v3ConnectorCapabilityResponse.data;
assert(can.includes("FETCH_PAYMENTS"));
await polled(connectorID, 1);
await checkFilters(await checkPayments());
await checkAccounts();
await checkConfig(connectorID);
await checkMetadata((await checkPayments())[0]);
const reset = await taskDone((await api.resetConnector({ connectorID })).v3ResetConnectorResponse.data);
const fresh = reset.createdObjectID;
assert.notEqual(fresh, connectorID);
await refused(api.getConnectorConfig({ connectorID }), 404, "NOT_FOUND");
await polled(fresh, 1);
assert((await checkPayments()).every((one) => one.connectorID === fresh));
const gone = await api.uninstallConnector({ connectorID: fresh });
await taskDone(gone.v3UninstallConnectorResponse.data.taskID);
assert.deepEqual([await payments(), await accounts()], [[], []]);
