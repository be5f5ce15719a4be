// The connector: translated to JavaScript by jco, each call in an instance of its own.

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { setFlagsFromString } from "node:v8";

import { transpile } from "@bytecodealliance/jco-transpile";
import { http } from "@bytecodealliance/preview2-shim";
import { WASIShim } from "@bytecodealliance/preview2-shim/instantiation";

const [STATE, LINE, REQUESTS, WAITING] = [64 * 1024, 1000, 50, 30_000];
// Of 64 KiB: 64 MiB, for each memory of the component.
const PAGES = 1024;

/** What the connector answered instead of a page: the case says who acts next. */
export class ConnectorError extends Error {
  constructor({ tag, val }) {
    super(shown(`${tag}: ${json(val)}`));
    // `action-required` has the detail one level down.
    const after = (val.detail ?? val).retryAfterSeconds;
    Object.assign(this, { case: tag, retryAfter: after === undefined ? undefined : Number(after) });
  }
}

/** The component trapped, or did what the contract forbids. */
export class BrokeContract extends Error {}

/** The component, or its grant, asks for what this host does not do. */
export class Refused extends Error {}

export class Connector {
  static async load(path, grant, config) {
    const digest = `sha256:${createHash("sha256").update(readFileSync(path)).digest("hex")}`;
    // Alone it would go wherever it likes, and find the secrets in its environment.
    if (digest === grant.digest) throw new Refused(`${path} is the connector without the adapter that puts its credentials on`);
    const { files, imports } = await transpile(path, {
      name: "connector", instantiation: "sync", noComponentErrorWrapping: true, emitTypescriptDeclarations: false,
    });
    // For all memories that are made from now on; jco's own, which is WebAssembly too, has what it needs.
    setFlagsFromString(`--wasm-max-mem-pages=${PAGES}`);
    const connector = new Connector();
    connector.imports = connector.given(grant, config);
    const foreign = imports.filter((name) => !(name in connector.imports));
    if (foreign.length) throw new Refused(`the component imports ${foreign.join(", ")}`);
    const cores = Object.entries(files).filter(([name]) => name.endsWith(".wasm"));
    connector.cores = new Map(cores.map(([name, bytes]) => [name, new WebAssembly.Module(bytes)]));
    const source = Buffer.from(files["connector.js"]).toString("base64");
    connector.instantiate = (await import(`data:text/javascript;base64,${source}`)).instantiate;
    return connector;
  }

  /** What the connector returns, and the state that belongs to it. */
  call(name, state, ...given) {
    Object.assign(this, { state, requests: 0 });
    try {
      const { connector } = this.instantiate((core) => this.cores.get(core), this.imports);
      return [connector[name](...given), this.state];
    } catch (error) {
      // What the connector answers is thrown as it is; anything else is a trap, or one of ours on its way through.
      if (error.tag) throw new ConnectorError(error);
      throw error instanceof BrokeContract ? error : new BrokeContract(shown(error.message ?? error));
    }
  }

  given(grant, config) {
    const environment = { CONNECTOR_CONFIG: JSON.stringify(config), CONNECTOR_MANIFEST: JSON.stringify(grant) };
    const shim = new WASIShim({ sandbox: { env: environment, args: [], preopens: {} } }).getImportObject();
    const pace = new Pace(grant.rateLimits);
    return {
      // The adapter needs a clock, for tokens that end, and its runtime looks for files, of which there are none, and for a
      // seed. A component that imports sockets or chance is refused.
      ...Object.fromEntries(Object.entries(shim).filter(([name]) => /^wasi:(cli|clocks|filesystem|io|http)\//.test(name))),
      "wasi:random/insecure-seed": { insecureSeed: () => [0n, 0n] },
      "wasi:cli/exit": { exit: () => this.broken("it ended itself") },
      "wasi:http/outgoing-handler": { handle: (request, options) => this.handle(pace, request, options) },
      "payments:connector/types": {},
      "payments:connector/state": { get: () => this.state, set: (value) => this.setState(value) },
      "payments:connector/log": {
        write: (level, message) => console.error(`  ${level}: ${shown(message.slice(0, LINE))}`),
      },
    };
  }

  handle(pace, request, options) {
    this.requests += 1;
    if (this.requests > REQUESTS) this.broken(`more than ${REQUESTS} requests in one call`);
    if (!pace.goes()) throw { tag: "connection-limit-reached" };
    return http.outgoingHandler.handle(request, options);
  }

  setState(value) {
    if (value.length > STATE) this.broken(`a state of ${value.length} bytes`);
    // A copy: what it was given is a view of its memory.
    this.state = Uint8Array.from(value);
  }

  broken(what) {
    throw new BrokeContract(what);
  }
}

/** The limits of the provider. Those of one path are held as if they were of all of them, which is slower at worst. */
class Pace {
  constructor(limits) {
    this.limits = limits.map(({ requests, windowSeconds }) => ({ requests, window: windowSeconds * 1000, made: [] }));
  }

  /** Waits until a request may go, unless that is long. */
  goes() {
    const now = Date.now();
    const at = Math.max(now, ...this.limits.map(({ requests, window, made }) => (made.at(-requests) ?? -Infinity) + window));
    if (at - now > WAITING) return false;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, at - now);
    for (const limit of this.limits) limit.made = [...limit.made.slice(1 - limit.requests), at];
    return true;
  }
}

/** JSON of what jco makes of WIT: seconds are a BigInt, and states bytes. */
export function json(value) {
  return JSON.stringify(value, (_, one) => (typeof one === "bigint" ? Number(one) : one));
}

/** What others wrote, with nothing in it that a terminal obeys. */
export function shown(text) {
  return String(text).replace(/[\p{C}\u2028\u2029]/gu, (one) => `\\u{${one.codePointAt(0).toString(16)}}`);
}
