// The connector for Example Bank. Here is where you go on: the manifest, and how a row becomes a record.

import { Config, checkPageSize } from './kit/config.js';
import { invalidParent, unsupported } from './kit/errors.js';
import { Client, segment, textOf } from './kit/http.js';
import * as money from './kit/money.js';
import { paging, read } from './kit/paging.js';
import { Malformed, Row, metadata } from './kit/rows.js';
import * as times from './kit/times.js';

const NAME = '@NAME@';
const VERSION = '0.1.0';
const PRODUCTION = 'https://api.examplebank.example';
const MAX_PAGE = 100;
const ACCOUNTS = paging();
const PAYMENTS = paging({ changes: ['changedFrom', 'changedAt'] });
const STATUSES = { pending: 'pending', booked: 'succeeded', refused: 'failed' };
const TYPES = { in: 'pay-in', out: 'payout' };

export const connector = { describe, check, fetchAccounts, fetchExternalAccounts, fetchBalances, fetchPayments, followPayments,
  fetchOthers };

function describe() {
  const task = (name, more) => ({ name, capability: name, periodic: true, minPeriodSeconds: 0, snapshot: false, follow: false, ...more });
  const field = (name, kind, required, value, description) => ({ name, kind, required, default: value, description });
  const get = (path) => ({ method: 'GET', to: 'endpoint', path });
  return {
    name: NAME,
    version: VERSION,
    description: 'Reads the accounts, balances and payments of one customer.',
    capabilities: ['fetch-accounts', 'fetch-balances', 'fetch-payments'],
    workflow: [
      task('fetch-accounts', { snapshot: true }),
      task('fetch-balances', { periodic: false, parent: 0 }),
      task('fetch-payments', { parent: 0 }),
    ],
    config: [
      field('endpoint', 'url', true, undefined, `Where the API is: ${PRODUCTION}.`),
      field('token', 'secret', true, undefined, "A token for reading, from the bank's settings."),
      field('pageSize', 'integer', false, '50', 'How many rows to ask for at a time, 1 to 100.'),
      field('pollingPeriod', 'duration', false, '30m', 'The time between two polls.'),
    ],
    credentials: [{ name: 'login', to: ['endpoint'], notTo: [], headers: [['authorization', 'Bearer {token}']], more: [] }],
    requests: [get('/v1/me'), get('/v1/accounts'), get('/v1/accounts/{id}/payments')],
    headers: [],
    maxPageSize: MAX_PAGE,
    maxInFlight: 1,
    rateLimits: [],
  };
}

function check(config) {
  const client = bank(config);
  const body = client.get('/v1/me');
  return mapped(() => client.lacking('/v1/me', body, 'an id'), () => {
    const me = new Row(body);
    return { subject: me.id(), name: me.text('name') };
  });
}

function fetchAccounts(request) {
  return { withdrawn: [], ...read(begin(request), request, '/v1/accounts', ACCOUNTS, account) };
}

function fetchBalances(request) {
  begin(request, 'fetch-accounts');
  return mapped(invalidParent, () => {
    const row = new Row(request.parent.raw);
    const items = ['booked', 'available'].map((kind) => balance(row, kind, request));
    return { items, rejected: [], gaps: [], hasMore: false };
  });
}

function fetchPayments(request) {
  const client = begin(request, 'fetch-accounts');
  const reference = segment(request.parent.reference);
  if (reference === undefined) throw invalidParent("its reference is none of the bank's");
  const path = `/v1/accounts/${reference}/payments`;
  return { withdrawn: [], ...read(client, request, path, PAYMENTS, (row) => payment(row, request.parent.reference)) };
}

function fetchExternalAccounts() {
  throw unsupported();
}

function followPayments() {
  throw unsupported();
}

function fetchOthers() {
  throw unsupported();
}

function bank(text, observedAt) {
  const config = new Config(text);
  config.expectSet('token');
  const origin = config.origin('endpoint', PRODUCTION);
  config.checkPolling(MAX_PAGE);
  return new Client(origin, `${NAME}/${VERSION}`, said, observedAt);
}

/** Checks what a call was given. */
function begin(request, parent) {
  const client = bank(request.config, request.observedAt);
  checkPageSize(request.pageSize, MAX_PAGE);
  if (request.parent?.task !== parent) throw invalidParent(`it is of ${request.parent?.task}, expected ${parent}`);
  return client;
}

/** What `make` gives; `error` of the reason where what it reads is malformed. */
function mapped(error, make) {
  try {
    return make();
  } catch (reason) {
    throw reason instanceof Malformed ? error(reason.message) : reason;
  }
}

/** What a refusal of the bank's says. */
function said(answer) {
  const text = (textOf(answer.body) ?? '').trim();
  try {
    const row = new Row(text);
    const error = row.object('error');
    return { code: error?.text('code'), text: error?.text('message'), request: row.text('request') };
  } catch {
    return { text: text.startsWith('<') ? 'an HTML page' : undefined };
  }
}

function account(row) {
  return {
    reference: row.id(),
    name: row.text('title'),
    defaultAsset: money.asset(row.required('currency')),
    createdAt: row.text('createdAt') && times.parse(row.text('createdAt')),
    metadata: metadata('com.examplebank.spec/', {}, { iban: row.text('iban') }),
    raw: row.raw,
  };
}

function balance(row, kind, request) {
  const currency = row.required('currency');
  const amount = money.minor(row.object('balance')?.text(kind), currency);
  return { accountReference: row.id(), kind, amount, asset: money.asset(currency), asOf: request.observedAt };
}

function payment(row, parent) {
  const currency = row.required('currency');
  const amount = money.minor(row.required('amount'), currency);
  if (amount.startsWith('-')) throw new Malformed(row.wrong('amount', 'expected an amount without a sign'));
  const paymentType = TYPES[row.text('direction')] ?? 'other';
  const party = row.object('party');
  const [name, accountNumber] = [party?.text('name'), party?.text('iban')];
  return {
    reference: row.id(),
    createdAt: times.parse(row.required('createdAt')),
    createdAtPrecision: 'instant',
    updatedAt: row.text('changedAt') && times.parse(row.text('changedAt')),
    paymentType,
    status: STATUSES[row.text('state')] ?? 'unknown',
    scheme: 'unknown',
    amount,
    asset: money.asset(currency),
    fees: [],
    sourceAccountReference: paymentType === 'payout' ? parent : undefined,
    destinationAccountReference: paymentType === 'pay-in' ? parent : undefined,
    counterparty: name || accountNumber ? { name, accountNumber, accountNumberFormat: accountNumber && 'IBAN' } : undefined,
    metadata: metadata('com.examplebank.spec/', {}, { description: row.text('text'), status: row.text('state') }),
    raw: row.raw,
  };
}
