// Instants: what a bank writes, and what it understands.

import { Malformed } from './rows.js';

const FORM = /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:[Zz]|([+-])(\d\d):(\d\d))$/;

/** Reads RFC 3339 with any offset and any number of fraction digits; a local time without an offset is no instant. */
export function parse(text) {
  const found = FORM.exec(text);
  if (!found) throw new Malformed('expected an RFC 3339 time with an offset, such as 2026-01-31T10:20:30.000Z');
  const [year, month, day, hour, minute, second] = found.slice(1, 7).map(Number);
  const [hours, minutes] = [Number(found[9] ?? 0), Number(found[10] ?? 0)];
  const local = new Date(0);
  local.setUTCFullYear(year, month - 1, day);
  const isDay = local.getUTCMonth() === month - 1 && local.getUTCDate() === day;
  if (!isDay || hour > 23 || minute > 59 || second > 60 || hours > 23 || minutes > 59) {
    throw new Malformed('expected a time that is in the calendar');
  }
  local.setUTCHours(hour, minute, Math.min(second, 59));
  const offset = (hours * 3600 + minutes * 60) * (found[8] === '-' ? -1 : 1);
  // A leap second is the first of the next minute: the contract has none.
  const seconds = local.getTime() / 1000 - offset + (second === 60 ? 1 : 0);
  if (seconds < -62_167_219_200 || seconds > 253_402_300_799) throw new Malformed('expected a year from 0000 to 9999');
  return { seconds: BigInt(seconds), nanoseconds: Number((found[7] ?? '0').slice(0, 9).padEnd(9, '0')) };
}

/** An instant for a query, to the millisecond. */
export const write = (stamp) =>
  new Date(Number(stamp.seconds) * 1000 + Math.floor(stamp.nanoseconds / 1_000_000)).toISOString();

export const isAfter = (a, b) => a.seconds > b.seconds || (a.seconds === b.seconds && a.nanoseconds > b.nanoseconds);

/** The seconds since 1970 of an HTTP date, if it is one. */
export function httpDate(text) {
  const millis = /^[A-Z][a-z]{2}, /.test(text ?? '') ? Date.parse(text) : NaN;
  return Number.isNaN(millis) ? undefined : BigInt(Math.floor(millis / 1000));
}
