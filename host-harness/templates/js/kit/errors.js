// Errors: from what went wrong to who acts next. Each function gives what an export throws.

const QUOTED = 300;
const REDIRECTS = [301, 302, 303, 307, 308];

export const detail = (message, more = {}) => ({
  message: clip(message, 2 * QUOTED),
  httpStatus: more.status,
  providerCode: more.code && clip(more.code),
  requestId: more.request && clip(more.request),
  retryAfterSeconds: more.retryAfter,
});

/** The beginning of a text, on one line. */
export function clip(text, limit = QUOTED) {
  const line = Array.from(String(text).slice(0, 2 * limit + 2), (character) => (/[\u0000-\u001f\u007f-\u009f]/.test(character) ? ' ' : character));
  return line.length <= limit ? line.join('') : line.slice(0, limit).join('') + '…';
}

export const invalidConfig = (field, reason) => ({ tag: 'invalid-config', val: { field, reason } });
export const invalidState = (reason) => ({
  tag: 'invalid-state',
  val: detail(`the state of this stream is not one this connector wrote: ${reason}`),
});
export const invalidParent = (reason) => ({
  tag: 'invalid-parent',
  val: detail(`the parent is not one this connector returned: ${reason}`),
});
export const unsupported = () => ({ tag: 'unsupported', val: detail('this connector does not do that') });
export const malformed = (path, what) => ({ tag: 'malformed-response', val: detail(`GET ${path}: ${what}`, { status: 200 }) });
/** An answer that says success lacks what was asked for; what it says of an error is kept. */
export function lacking(path, said, what) {
  const message = [`GET ${path}: HTTP 200 without ${what}`, said.code, said.text && `“${clip(said.text)}”`].filter(Boolean).join(', ');
  return { tag: 'malformed-response', val: detail(message, { status: 200, ...said }) };
}

export const noProgress = (path, what) => ({ tag: 'no-progress', val: detail(`GET ${path}: ${what}`, { status: 200 }) });

/** There was no answer; why not, the host knows, and says it. `code` is the case of `wasi:http`'s error. */
export function fromFailure(path, code) {
  if (code === 'HTTP-request-denied' || code === 'destination-IP-prohibited') {
    return { tag: 'other', val: detail(`GET ${path}: the host does not allow this request`) };
  }
  if (code === 'connection-limit-reached') {
    return { tag: 'rate-limited', val: detail(`GET ${path}: the host holds requests back for now`) };
  }
  return { tag: 'unavailable', val: detail(`GET ${path}: no complete answer: ${code}`) };
}

/** The answer is no success; `said` is what its body says: `{ code, text, request }`. */
export function fromAnswer(path, answer, said, observedAt) {
  const { status } = answer;
  let message = [`GET ${path}: HTTP ${status}`, said.code, said.text && `“${clip(said.text)}”`].filter(Boolean).join(', ');
  if (REDIRECTS.includes(status)) message += '; redirects are not followed: the endpoint of the config may be wrong';
  const cases = { 401: 'unauthorized', 403: 'forbidden', 404: 'not-found', 408: 'unavailable', 410: 'not-found',
    425: 'unavailable', 429: 'rate-limited' };
  const tag = cases[status] ?? (status >= 500 && status <= 599 ? 'unavailable' : 'upstream-rejected');
  return { tag, val: detail(message, { status, ...said, retryAfter: answer.retryAfter(observedAt) }) };
}
