// The records in one file of JSON lines, to which a page and the state that belongs to it are appended as one line.
//
// So a crash leaves whole lines and at most a torn one at the end, which is cut off: that page is read again. A line
// counts once it is on the disk. The file has each version of each record, grows with each poll, is read whole at the
// start, and all that it tells is held in memory. Two hosts must not write the same one.

import { closeSync, existsSync, fsyncSync, openSync, readFileSync, truncateSync, writeSync } from "node:fs";

import { json } from "./component.mjs";

const KINDS = {
  FETCH_ACCOUNTS: "account", FETCH_EXTERNAL_ACCOUNTS: "external-account", FETCH_PAYMENTS: "payment", FETCH_BALANCES: "balance",
};
const OPEN = new Set(["pending", "authorisation"]);

/** A task, for one parent or at the root. */
export class Stream {
  constructor(task, parent) {
    Object.assign(this, { task, parent: parent && JSON.parse(parent.text), parentRead: parent?.read });
    this.name = [task.name, this.parent?.reference].filter((part) => part !== undefined).join(" · ");
    // Other things are unique within their task only.
    this.kind = KINDS[task.capability] ?? `other/${task.name}`;
  }
}

export class Records {
  constructor(path) {
    this.streams = new Map();
    this.records = new Map();
    const lines = existsSync(path) ? readFileSync(path, "utf8") : "";
    const whole = lines.slice(0, lines.lastIndexOf("\n") + 1);
    if (whole !== lines) truncateSync(path, Buffer.byteLength(whole));
    // Nobody else reads a company's payments.
    this.file = openSync(path, "a", 0o600);
    for (const line of whole.split("\n").slice(0, -1)) this.apply(JSON.parse(line));
  }

  /** Makes something so, on the disk first. */
  append(entry) {
    const line = json(entry);
    writeAll(this.file, Buffer.from(`${line}\n`));
    fsyncSync(this.file);
    // As it will be read the next time.
    this.apply(JSON.parse(line));
  }

  apply(entry) {
    if (entry.subject) this.subject = entry.subject;
    if (!entry.stream) return;
    const stream = this.streams.get(entry.stream) ?? { began: 0, done: -1 };
    this.streams.set(entry.stream, stream);
    stream.began = entry.began;
    if (entry.done !== undefined) return this.ended(entry, stream);
    stream.state = entry.state ?? undefined;
    for (const item of entry.records) this.keep(entry, referenceOf(item), JSON.stringify(item));
    for (const reference of entry.same) this.keep(entry, reference);
    for (const { reference, replacedBy } of entry.withdrawn) {
      const record = this.records.get(keyOf(entry.kind, reference));
      if (record) Object.assign(record, { gone: entry.read, replacedBy });
    }
  }

  keep({ kind, stream, task, read }, reference, text) {
    const key = keyOf(kind, reference);
    this.records.set(key, { kind, reference, text: text ?? this.records.get(key).text, stream, task, read });
  }

  /** What a whole snapshot did not report is gone. */
  ended({ stream: name, began, done, snapshot }, stream) {
    stream.done = done;
    if (snapshot) for (const record of this.of(name)) if (record.read < began) record.gone = done;
  }

  of(stream) {
    return [...this.records.values()].filter((record) => record.stream === stream && record.gone === undefined);
  }

  /** Whether the records are this subject's. The first that comes makes them so. */
  isOf(subject) {
    if (this.subject === undefined) this.append({ subject });
    return this.subject === subject;
  }

  streamsOf(task) {
    if (task.parent === null) return [new Stream(task)];
    const parents = [...this.records.values()].filter((record) => record.task === task.parent && record.gone === undefined);
    return parents.map((parent) => new Stream(task, parent));
  }

  isDue(stream, now) {
    const { began, done } = this.streams.get(stream.name) ?? { began: 0, done: -1 };
    if (began > done) return true;
    return stream.task.periodic ? now - done >= stream.task.minPeriodSeconds * 1000 : stream.parentRead > began;
  }

  /** When the poll began: now, or before if it did not come to its end. */
  begin(stream, now) {
    const { began, done } = this.streams.get(stream.name) ?? { began: 0, done: -1 };
    return began > done && began ? began : now;
  }

  state(stream) {
    const state = this.streams.get(stream.name)?.state;
    return state === undefined ? undefined : Uint8Array.from(Buffer.from(state, "base64"));
  }

  /** Stores a page with its state, or neither; how many of its records are new or changed. */
  commit(stream, began, page, state, now) {
    const [records, same] = [[], []];
    const latest = new Map();
    for (const item of page.items) {
      const [reference, text] = [referenceOf(item), json(item)];
      const before = latest.get(reference) ?? this.records.get(keyOf(stream.kind, reference))?.text;
      latest.set(reference, text);
      if (before === text) same.push(reference);
      else records.push(item);
    }
    this.append({
      stream: stream.name, task: stream.task.name, kind: stream.kind, began, read: now, records, same,
      withdrawn: page.withdrawn ?? [], rejected: page.rejected, state: state && Buffer.from(state).toString("base64"),
    });
    return records.length;
  }

  /** The payments that are not final, and that the poll did not report. */
  openPayments(stream, began) {
    const unseen = this.of(stream.name).filter((record) => record.read < began);
    return unseen.filter((record) => OPEN.has(JSON.parse(record.text).status)).map((record) => record.reference);
  }

  end(stream, began, now, isWhole) {
    this.append({ stream: stream.name, began, done: now, snapshot: isWhole && stream.task.snapshot });
  }

  close() {
    closeSync(this.file);
  }
}

function keyOf(kind, reference) {
  return `${kind} ${reference}`;
}

function referenceOf(item) {
  return item.accountReference && item.asOf
    ? JSON.stringify([item.accountReference, item.kind, item.label ?? null, item.asset]) : item.reference;
}

function writeAll(file, bytes) {
  for (let written = 0; written < bytes.length;) written += writeSync(file, bytes, written);
}
