// Lists that are read page by page: a cursor within a poll, and the newest change that was seen between two polls. The time
// comes from the rows alone, never from a clock.

import { get, set } from 'payments:connector/state@0.2.0';

import { invalidState, malformed, noProgress } from './errors.js';
import { Malformed, Row, items, members, rejected } from './rows.js';
import * as times from './times.js';

const LONGEST_CURSOR = 4096;

/** How a bank spells its lists. Where rows can be asked for from a time on: `changes` is the parameter, and the field. */
export const paging = (spelling = {}) => ({ rows: 'items', next: 'next', limit: 'limit', cursor: 'cursor', ...spelling });

/** Reads the next page, maps its rows, and sets the state to what comes behind it. A row that `map` cannot use is rejected
    with its reason, and costs no other. */
export function read(client, request, path, spelling, map) {
  const place = load();
  const [parameter, field] = spelling.changes ?? [];
  const asked = { [spelling.limit]: request.pageSize, [spelling.cursor]: place.cursor };
  if (parameter) asked[parameter] = place.from ?? (request.since && times.write(request.since));
  let body;
  try {
    body = client.get(path, asked);
  } catch (error) {
    const refused = error.tag === 'not-found' || error.tag === 'upstream-rejected';
    if (!refused || place.cursor === undefined) throw error;
    // The pages before this one count. A cursor that is refused must not be what the next poll begins with.
    save({ from: place.from });
    return { items: [], rejected: [], gaps: [{ what: `the rest of the list ${path}`, error }], hasMore: false };
  }
  const { rows, next } = split(client, path, body, spelling, place);
  const page = { items: [], rejected: [], gaps: [], hasMore: next !== undefined };
  let { newest } = place;
  for (const raw of rows) {
    try {
      const row = new Row(raw);
      if (field) newest = newer(newest, row.text(field));
      page.items.push(map(row));
    } catch (reason) {
      if (!(reason instanceof Malformed)) throw reason;
      page.rejected.push(rejected(raw, reason));
    }
  }
  save(next === undefined ? { from: newest ?? place.from } : { from: place.from, newest, cursor: next });
  return page;
}

/** The rows of an answer as the bank spelled them, and the token to the next page. */
function split(client, path, body, spelling, place) {
  let fields, rows, next;
  try {
    fields = new Map(members(body));
  } catch (reason) {
    throw malformed(path, reason.message);
  }
  const list = fields.get(spelling.rows) ?? 'null';
  if (list === 'null') throw client.lacking(path, body, spelling.rows);
  try {
    if (!list.startsWith('[')) throw new Malformed(`${spelling.rows} is ${list.slice(0, 80)}: expected a list`);
    rows = items(list);
    next = JSON.parse(fields.get(spelling.next) ?? 'null') ?? undefined;
  } catch (reason) {
    throw malformed(path, reason.message);
  }
  if (next === undefined) return { rows };
  if (typeof next !== 'string' || next === '' || next.length > LONGEST_CURSOR) {
    throw malformed(path, `${spelling.next} is no token to the next page`);
  }
  if (rows.length === 0) throw noProgress(path, 'an empty page is followed by another one');
  if (next === place.cursor) throw noProgress(path, 'the next page is the same one again');
  return { rows, next };
}

function newer(known, time) {
  try {
    const found = times.parse(time ?? '');
    return known === undefined || times.isAfter(found, times.parse(known)) ? time : known;
  } catch {
    return known;
  }
}

function load() {
  const kept = get();
  if (kept === undefined) return {};
  try {
    const row = new Row(new TextDecoder('utf-8', { fatal: true }).decode(kept));
    const place = { from: row.text('from'), newest: row.text('newest'), cursor: row.text('cursor') };
    for (const time of [place.from, place.newest]) if (time !== undefined) times.parse(time);
    return place;
  } catch (reason) {
    throw invalidState(reason.message);
  }
}

function save(place) {
  set(new TextEncoder().encode(JSON.stringify(place)));
}
