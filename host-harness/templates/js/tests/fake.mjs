// The host of a test: its bank answers, and the state is a variable.
export const host = { state: undefined, answer: () => ({ status: 500, body: '' }) };

export const get = () => host.state;
export const set = (state) => (host.state = state);

export class Fields {
  static fromList(list) {
    return list;
  }
}

export class OutgoingRequest {
  constructor(headers) {
    this.request = { headers };
  }
  setScheme() {}
  setAuthority() {}
  setPathWithQuery(path) {
    this.request.path = path;
  }
}

export function handle({ request }) {
  const { status, body } = host.answer(request);
  const chunks = [new TextEncoder().encode(body)];
  const blockingRead = () => {
    if (chunks.length === 0) throw { payload: { tag: 'closed' } };
    return chunks.pop();
  };
  const response = { status: () => status, headers: () => ({ entries: () => [] }), consume: () => ({ stream: () => ({ blockingRead }) }) };
  return { subscribe: () => ({ block() {} }), get: () => ({ tag: 'ok', val: { tag: 'ok', val: response } }) };
}
