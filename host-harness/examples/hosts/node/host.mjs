#!/usr/bin/env node
// A host for payment connectors: reads everything there is, once, into a file of JSON lines.
//
//   harness describe --component qonto.wasm --json > grant.json   # read it: this is what you agree to
//   node host.mjs composed/guarded.wasm grant.json config.json payments.ndjson
//
// The component is the connector composed with the adapter that puts its credentials on: this host puts no header on, and
// hands that adapter the config and the grant.
//
// Ends with 0 when all was read, 1 when a stream failed or has a gap, 3 when the component broke the contract, and 2 when
// nothing was read at all.

import { readFileSync } from "node:fs";

import { BrokeContract, Connector, ConnectorError, Refused, json, shown } from "./component.mjs";
import { Records } from "./store.mjs";

// How often a call is made when the provider can't answer now, and the longest wait between: beyond, the next poll.
const ATTEMPTS = { "rate-limited": 5, unavailable: 5, "malformed-response": 3 };
const LONGEST = 60;
const [PAGES, AT_ONCE] = [100_000, 25];

class Host {
  constructor(connector, grant, config, records) {
    Object.assign(this, { connector, grant, records, given: config });
    const kinds = Object.fromEntries(grant.config.map((field) => [field.name, field.kind]));
    const unknown = Object.keys(config).filter((name) => !(name in kinds));
    if (unknown.length) throw new Refused(`the config has ${unknown.join(", ")}, which the manifest does not`);
    // The connector sees that a secret is set, and nothing else of it.
    const seen = Object.entries(config).map(([name, value]) => [name, kinds[name] === "secret" && value ? true : value]);
    this.config = JSON.stringify(Object.fromEntries(seen));
  }

  async poll() {
    const [checked] = await this.again("the check", () => this.connector.call("check", undefined, this.config));
    if (checked.subject !== undefined && !this.records.isOf(checked.subject)) {
      throw new Refused(`the credentials lead to ${shown(checked.subject)}, and the records are another's`);
    }
    this.understand();
    let worst = 0;
    for (const task of this.grant.workflow) {
      for (const stream of this.records.streamsOf(task)) {
        if (this.records.isDue(stream, Date.now())) worst = Math.max(worst, await this.tried(stream));
      }
    }
    return worst;
  }

  /** The fields that mean something to a host. The connector has checked them, and told what it does not take. */
  understand() {
    const fields = Object.fromEntries(this.grant.config.map((field) => [field.name, field]));
    const most = this.grant.maxPageSize;
    const rows = fields.pageSize ? Number(this.given.pageSize || fields.pageSize.default || most) : most;
    this.pageSize = Math.min(Math.max(rows, 1), most);
    this.since = fields.since && this.given.since ? instant(Date.parse(this.given.since)) : undefined;
  }

  /** Reads a stream. What happens to it is told, and holds up no other, but for those below it. */
  async tried(stream) {
    try {
      return await this.read(stream);
    } catch (error) {
      if (!(error instanceof ConnectorError || error instanceof BrokeContract)) throw error;
      console.error(`${stream.name}: ${error.message}`);
      return error instanceof ConnectorError ? 1 : 3;
    }
  }

  async read(stream) {
    const began = this.records.begin(stream, Date.now());
    const name = camel(stream.task.capability);
    const told = { read: 0, "new or changed": 0, rejected: 0 };
    const gaps = [];
    let pages = 0;
    while ((await this.page(stream, began, name, told, gaps)).hasMore) {
      if (++pages >= PAGES) throw new BrokeContract(`more than ${PAGES} pages in one poll`);
    }
    if (stream.task.follow) await this.follow(stream, began, told, gaps);
    this.records.end(stream, began, Date.now(), !gaps.length);
    console.log(`${stream.name}: ${Object.entries(told).map(([what, count]) => `${count} ${what}`).join(", ")}`);
    for (const { what, error } of gaps) console.error(`  missing: ${shown(`${what}: ${json(error)}`)}`);
    return gaps.length ? 1 : 0;
  }

  /** Asks how payments stand that are not final, and that the poll did not report. */
  async follow(stream, began, told, gaps) {
    const references = this.records.openPayments(stream, began);
    for (let first = 0; first < references.length; first += AT_ONCE) {
      await this.page(stream, began, "followPayments", told, gaps, references.slice(first, first + AT_ONCE));
    }
  }

  /** Reads one page and commits it. `more` is what the function takes besides the request. */
  async page(stream, began, name, told, gaps, ...more) {
    const now = Date.now();
    const state = this.records.state(stream);
    const [page, after] = await this.again(stream.name, () =>
      this.connector.call(name, state, this.request(stream, now), ...more));
    // A state that `follow-payments` sets is ignored.
    told["new or changed"] += this.records.commit(stream, began, page, more.length ? state : after, now);
    told.read += page.items.length;
    told.rejected += page.rejected.length;
    gaps.push(...page.gaps);
    return page;
  }

  request({ task, parent, parentRead }, now) {
    // Balances stand in the parent, so they held when that was read.
    const at = parent && task.capability === "FETCH_BALANCES" ? parentRead : now;
    return {
      config: this.config, task: task.name, pageSize: this.pageSize, maxInFlight: this.grant.maxInFlight,
      since: this.since, observedAt: instant(at), parent: parent && { ...parent, task: task.parent },
    };
  }

  /** Makes a call, and makes it again where waiting helps. Each time it begins from the committed state. */
  async again(what, call) {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return call();
      } catch (error) {
        const wait = error.retryAfter ?? 2 ** attempt;
        if (attempt >= (ATTEMPTS[error.case] ?? 0) || wait > LONGEST) throw error;
        console.error(`${what}: ${error.message}; again in ${wait} s`);
        await new Promise((done) => setTimeout(done, wait * 1000));
      }
    }
  }
}

function instant(milliseconds) {
  const seconds = Math.floor(milliseconds / 1000);
  return { seconds: BigInt(seconds), nanoseconds: (milliseconds - seconds * 1000) * 1e6 };
}

/** FETCH_ACCOUNTS as jco names the function: fetchAccounts. */
function camel(capability) {
  return capability.toLowerCase().replace(/_(.)/g, (_, letter) => letter.toUpperCase());
}

/** A secret may be given as `{"env": "NAME"}`. */
function configured(path) {
  const fields = Object.entries(JSON.parse(readFileSync(path, "utf8")));
  return Object.fromEntries(fields.map(([name, value]) => {
    if (!value?.env) return [name, value];
    if (!(value.env in process.env)) throw new Refused(`${name} is in no variable ${value.env} of the environment`);
    return [name, process.env[value.env]];
  }));
}

async function main([component, grantPath, configPath, recordsPath]) {
  if (recordsPath === undefined) throw new Refused("node host.mjs COMPONENT GRANT CONFIG RECORDS");
  const [grant, config] = [JSON.parse(readFileSync(grantPath, "utf8")), configured(configPath)];
  const connector = await Connector.load(component, grant, config);
  const records = new Records(recordsPath);
  try {
    return await new Host(connector, grant, config, records).poll();
  } finally {
    records.close();
  }
}

/** What `main` ends with. */
function told(error) {
  // Of this host, or of the system: what else comes up is a mistake of ours, with its stack.
  const kinds = [Refused, ConnectorError, BrokeContract];
  if (!error.syscall && !kinds.some((kind) => error instanceof kind)) throw error;
  console.error(error.message);
  return error instanceof BrokeContract ? 3 : 2;
}

process.exit(await main(process.argv.slice(2)).catch(told));
