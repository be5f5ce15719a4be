// HTTP: one request, one answer. The credentials are the host's to add.

import { handle } from 'wasi:http/outgoing-handler@0.2.12';
import { Fields, OutgoingRequest } from 'wasi:http/types@0.2.12';

import { fromAnswer, fromFailure, lacking, malformed } from './errors.js';
import { httpDate } from './times.js';

const CHUNK = 65_536n;

class Answer {
  constructor(status, headers, body) {
    Object.assign(this, { status, headers, body });
  }

  header(name) {
    return this.headers.find(([key]) => key.toLowerCase() === name)?.[1];
  }

  /** The seconds that the bank asks to wait. A date counts from the answer's own: the host's clock may be wrong. */
  retryAfter(observedAt) {
    const asked = (this.header('retry-after') ?? '').trim();
    if (/^\d{1,18}$/.test(asked)) return BigInt(asked);
    const then = httpDate(asked);
    const now = httpDate(this.header('date')) ?? observedAt?.seconds;
    if (then === undefined || now === undefined) return undefined;
    return then > now ? then - now : 0n;
  }
}

/** A bank. `said` reads what the body of a refusal says: `{ code, text, request }`. */
export class Client {
  constructor(origin, agent, said, observedAt) {
    Object.assign(this, { origin, agent, said, observedAt });
  }

  /** Asks for `path`; gives the text of a success. */
  get(path, query = {}) {
    const pairs = Object.entries(query).filter(([, value]) => value !== undefined);
    const asked = pairs.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`).join('&');
    let answer;
    try {
      answer = send(`${this.origin}${path}${asked && `?${asked}`}`, [['accept', 'application/json'], ['user-agent', this.agent]]);
    } catch (failed) {
      // What has no payload is no error of the host's, but a bug: let it end the call.
      if (failed?.payload === undefined) throw failed;
      throw fromFailure(path, failed.payload.tag ?? String(failed.payload));
    }
    if (answer.status < 200 || answer.status > 299) throw fromAnswer(path, answer, this.said(answer), this.observedAt);
    const text = textOf(answer.body);
    if (text === undefined) throw malformed(path, 'the answer is not UTF-8');
    if ((answer.header('content-type') ?? '').toLowerCase().includes('html') || text.trimStart().startsWith('<')) {
      throw malformed(path, 'the answer is an HTML page instead of JSON');
    }
    return text;
  }

  /** An answer that says success lacks what was asked for. */
  lacking(path, body, what) {
    return lacking(path, this.said(new Answer(200, [], new TextEncoder().encode(body))), what);
  }
}

/** The text of some bytes, if they are one; a byte-order mark stays, since it is none of JSON. */
export function textOf(bytes) {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function send(url, headers) {
  const [, scheme, authority, path] = /^(https?):\/\/([^/]*)(.*)$/.exec(url);
  const encoder = new TextEncoder();
  const request = new OutgoingRequest(Fields.fromList(headers.map(([name, value]) => [name, encoder.encode(value)])));
  request.setScheme({ tag: scheme === 'http' ? 'HTTP' : 'HTTPS' });
  request.setAuthority(authority);
  request.setPathWithQuery(path);
  const sent = handle(request, undefined);
  sent.subscribe().block();
  // A result within a result: of asking once, and of the exchange.
  let answered = sent.get();
  while (answered?.tag === 'ok') answered = answered.val;
  if (answered?.tag === 'err') throw { payload: answered.val };
  const decoder = new TextDecoder();
  const entries = answered.headers().entries().map(([name, value]) => [name, decoder.decode(value)]);
  return new Answer(answered.status(), entries, read(answered.consume().stream()));
}

function read(stream) {
  const chunks = [];
  for (;;) {
    try {
      chunks.push(stream.blockingRead(CHUNK));
    } catch (ended) {
      if (ended?.payload?.tag === 'closed') break;
      throw ended;
    }
  }
  const bytes = new Uint8Array(chunks.reduce((length, chunk) => length + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

/** Escapes one segment of a path; undefined for a text that servers read in more than one way. */
export function segment(text) {
  const isPlain = /^[ -~]+$/.test(text) && !/[/\\?#;%]/.test(text) && /[a-z0-9]/i.test(text);
  return isPlain ? encodeURIComponent(text) : undefined;
}
