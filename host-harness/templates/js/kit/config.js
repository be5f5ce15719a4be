// The config: what is wrong with it before any request is made. Each method throws `invalid-config`, with the field.

import { invalidConfig } from './errors.js';
import { Row } from './rows.js';

const URL_FORM = /^(https?):\/\/(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::(\d{1,5}))?\/?$/;
const DURATION = /^\+?(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+$/;

export class Config {
  constructor(text) {
    try {
      this.row = new Row(text);
    } catch {
      throw invalidConfig('config', 'expected a JSON object with the fields of the manifest, each once');
    }
  }

  /** Whether a secret is set. The host keeps its value, and says `true`. */
  isSet(field) {
    const json = this.row.json(field);
    if (json !== undefined && json !== 'true') {
      throw invalidConfig(field, 'expected `true` for a secret that is set: the host keeps its value');
    }
    return json === 'true';
  }

  expectSet(field) {
    if (!this.isSet(field)) throw invalidConfig(field, 'required: expected a secret');
  }

  /** A text that may stand in a URL or header; undefined when it is not set. */
  text(field) {
    const json = this.row.json(field);
    if (json === undefined) return undefined;
    const text = json.startsWith('"') ? JSON.parse(json) : '';
    if (!/^[!-~](?:[ -~]{0,4094}[!-~])?$/.test(text) || text.endsWith('\n')) {
      throw invalidConfig(field, 'expected a text of visible ASCII characters, at most 4096, no space at either end');
    }
    return text;
  }

  /** Scheme, host and port of a URL without a path. */
  origin(field, example) {
    const [, scheme, host, port] = URL_FORM.exec((this.text(field) ?? '').toLowerCase()) ?? [];
    if (!host || (port !== undefined && !(Number(port) >= 1 && Number(port) <= 65535))) {
      throw invalidConfig(field, `expected an http or https URL of a scheme, a host and at most a port, such as ${example}`);
    }
    const usual = port === undefined || Number(port) === (scheme === 'https' ? 443 : 80);
    return `${scheme}://${host}${usual ? '' : `:${Number(port)}`}`;
  }

  /** Checks the fields that mean the same for every bank: `pageSize` and `pollingPeriod`. */
  checkPolling(most) {
    const size = this.row.json('pageSize');
    if (size !== undefined && !(/^\d{1,6}$/.test(size) && Number(size) >= 1 && Number(size) <= most)) {
      throw invalidConfig('pageSize', `expected a whole number from 1 to ${most}`);
    }
    if (this.row.json('pollingPeriod') !== undefined && !isDuration(this.row.text('pollingPeriod') ?? '')) {
      throw invalidConfig('pollingPeriod', 'expected a duration longer than zero, such as 30m, 1h30m or 90s');
    }
  }
}

/** Whether a text is a duration as Go spells it, longer than zero and not longer than Go can count. */
function isDuration(text) {
  const hours = { h: 1, m: 1 / 60, s: 1 / 3600 };
  let total = 0;
  for (const [, number, unit] of text.matchAll(/([\d.]+)([a-zµμ]+)/g)) total += Number(number) * (hours[unit] ?? 0);
  return text.length <= 100 && DURATION.test(text) && /[1-9]/.test(text) && total < 2_562_047;
}

export function checkPageSize(size, most) {
  if (size < 1 || size > most) throw invalidConfig('pageSize', `expected 1 to ${most} rows`);
}
