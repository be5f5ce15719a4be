// The connector without a component: for what is quicker to find here than at the bank that does not exist.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { connector } from '../connector.js';
import * as money from '../kit/money.js';
import { Row, items } from '../kit/rows.js';
import * as times from '../kit/times.js';
import { host } from './fake.mjs';

const config = JSON.stringify({ endpoint: 'https://api.examplebank.example', token: true, pageSize: 2 });
const account = { id: 'a1', currency: 'BHD', balance: { booked: '700.000', available: '1.5' } };
const parent = { task: 'fetch-accounts', reference: 'a1', metadata: [], raw: JSON.stringify(account) };
const request = { config, parent, pageSize: 2, maxInFlight: 1, observedAt: times.parse('2026-06-01T00:00:00Z') };
const row = (id, changedAt, more = {}) => ({ id, createdAt: '2026-05-01T10:00:00Z', changedAt, state: 'booked', direction: 'in',
  amount: '12.50', currency: 'EUR', ...more });

test('pages are read to the end, from the newest change on, and a poll with nothing new leaves the state', () => {
  const asked = [];
  host.answer = ({ path }) => {
    asked.push(new URL(path, 'https://x').searchParams);
    const { length } = asked;
    const first = { items: [row('p1', '2026-05-01T10:00:00Z'), row('p2', '2026-05-02T10:00:00Z')], next: 'more' };
    const second = { items: [row('p3', '2026-05-03T10:00:00.5Z'), row('', null, { id: null })], next: null };
    return { status: 200, body: JSON.stringify(length === 1 ? first : second) };
  };
  assert.deepEqual(connector.fetchPayments(request).items.map(({ reference }) => reference), ['p1', 'p2']);
  const page = connector.fetchPayments(request);
  assert.deepEqual([page.items[0].amount, page.items[0].asset, page.hasMore, page.rejected.length], ['1250', 'EUR/2', false, 1]);
  const kept = host.state;
  connector.fetchPayments(request);
  assert.equal(asked[2].get('changedFrom'), '2026-05-03T10:00:00.5Z');
  assert.deepEqual(host.state, kept);
});

test('balances are those of the account, without a request', () => {
  host.answer = () => assert.fail('a request was made');
  assert.deepEqual(connector.fetchBalances(request).items.map(({ amount, asset }) => [amount, asset]), [['700000', 'BHD/3'], ['1500', 'BHD/3']]);
});

test('a refusal is told by who acts next', () => {
  host.state = undefined;
  host.answer = () => ({ status: 401, body: '{"error":{"code":"token_refused","message":"No."},"request":"r1"}' });
  assert.throws(() => connector.check(config), ({ tag, val }) => tag === 'unauthorized' && val.providerCode === 'token_refused');
});

test('a row keeps its bytes', () => {
  assert.deepEqual(items('[ {"amount": 1.50 , "b":1e2} , 7,"x\\"]" ]'), ['{"amount": 1.50 , "b":1e2}', '7', '"x\\"]"']);
  assert.equal(new Row('{"a": 12345678901234567890.10}').json('a'), '12345678901234567890.10');
  for (const text of ['', '[1,]', '[01]', '{"a":1,"a":2}', '[1] 2', '["\n"]', '[tru]']) {
    assert.throws(() => (text.startsWith('{') ? new Row(text) : items(text)), text);
  }
});

test('amounts are exact or refused, and instants never guessed', () => {
  for (const [text, currency, minor] of [['12.50', 'EUR', '1250'], ['-0.05', 'EUR', '-5'], ['1500.0', 'JPY', '1500'], ['1.2e1', 'BHD', '12000']]) {
    assert.equal(money.minor(text, currency), minor);
  }
  for (const [text, currency] of [['1.005', 'EUR'], ['1,5', 'EUR'], ['1e99999', 'EUR'], ['1', 'XAU']]) {
    assert.throws(() => money.minor(text, currency), text);
  }
  assert.deepEqual(times.parse('2026-01-31T12:20:30.5+02:00'), { seconds: 1_769_854_830n, nanoseconds: 500_000_000 });
  for (const text of ['', '2026-01-31', '2026-01-31T10:20:30', '2026-02-29T00:00:00Z']) assert.throws(() => times.parse(text), text);
});
