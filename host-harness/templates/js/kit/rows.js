// JSON rows that keep the bank's bytes. `JSON.parse` loses them, and makes floats of amounts: so this only finds where each
// value stands in the text, and what is asked for is read from there.

const LONGEST_ID = 1024;
const BLANK = /[ \t\n\r]*/y;
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const PLAIN = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;

/** Text that is not JSON, or a row that cannot be mapped. */
export class Malformed extends Error {}

/** Reads a text from front to back. */
class Scanner {
  constructor(text) {
    this.text = text;
    this.at = 0;
  }

  take(form) {
    form.lastIndex = this.at;
    const found = form.exec(this.text);
    if (found) this.at = form.lastIndex;
    return found?.[0];
  }

  peek() {
    this.take(BLANK);
    return this.text[this.at];
  }

  skips(character) {
    const isNext = this.peek() === character;
    if (isNext) this.at += 1;
    return isNext;
  }

  expect(character) {
    if (!this.skips(character)) throw new Malformed(`expected ${character} at character ${this.at}`);
  }

  end() {
    if (this.peek() !== undefined) throw new Malformed(`expected the end at character ${this.at}`);
  }

  name() {
    this.peek();
    const name = this.take(STRING);
    if (name === undefined) throw new Malformed(`expected a name at character ${this.at}`);
    this.expect(':');
    return JSON.parse(name);
  }

  /** The text of any value, however deep it is: what is open stands in a list, not on the stack. */
  value() {
    this.peek();
    const start = this.at;
    const open = [];
    do {
      if (this.skips('{')) {
        if (!this.skips('}')) {
          open.push('}');
          this.name();
          continue;
        }
      } else if (this.skips('[')) {
        if (!this.skips(']')) {
          open.push(']');
          continue;
        }
      } else if (this.take(STRING) === undefined && !this.take(PLAIN)) {
        throw new Malformed(`expected a value at character ${this.at}`);
      }
      // A value is over: so are those that it was the last of.
      while (open.length > 0 && !this.skips(',')) this.expect(open.pop());
      if (open.at(-1) === '}') this.name();
    } while (open.length > 0);
    return this.text.slice(start, this.at);
  }
}

/** The members of an object: their names, and their texts as the bank spelled them. */
export function members(text) {
  const scanner = new Scanner(text);
  const found = [];
  scanner.expect('{');
  if (!scanner.skips('}')) {
    do found.push([scanner.name(), scanner.value()]);
    while (scanner.skips(','));
    scanner.expect('}');
  }
  scanner.end();
  return found;
}

/** The items of a list, as the bank spelled them. */
export function items(text) {
  const scanner = new Scanner(text);
  const found = [];
  scanner.expect('[');
  if (!scanner.skips(']')) {
    do found.push(scanner.value());
    while (scanner.skips(','));
    scanner.expect(']');
  }
  scanner.end();
  return found;
}

/** One JSON object, read field by field. What a field holds that is of another type counts as absent. */
export class Row {
  constructor(raw) {
    this.raw = raw;
    this.fields = new Map();
    for (const [name, text] of members(raw)) {
      // Which of two values counts is anyone's guess: guessing about money is not an option.
      if (this.fields.has(name)) throw new Malformed(`the field ${name} occurs twice`);
      this.fields.set(name, text);
    }
  }

  /** The JSON text of a field; absent and null are the same. */
  json(key) {
    const text = this.fields.get(key);
    return text === 'null' ? undefined : text;
  }

  /** A field that is an object. */
  object(key) {
    const text = this.json(key);
    try {
      return text?.startsWith('{') ? new Row(text) : undefined;
    } catch {
      return undefined;
    }
  }

  /** A text with something in it. Half of a character of UTF-16 stands as the replacement character. */
  text(key) {
    const json = this.json(key);
    const text = json?.startsWith('"') ? whole(JSON.parse(json)) : '';
    return text.trim() === '' ? undefined : text;
  }

  required(key) {
    const text = this.text(key);
    if (text === undefined) throw new Malformed(this.wrong(key, 'expected a text that is not empty'));
    return text;
  }

  id() {
    const id = this.required('id');
    if (new TextEncoder().encode(id).length > LONGEST_ID) throw new Malformed(`id is longer than ${LONGEST_ID} bytes`);
    return id;
  }

  /** A reason: the field, what it holds, what was expected. */
  wrong(key, expected) {
    return `${key} is ${whole(this.fields.get(key) ?? 'missing').slice(0, 80)}: ${expected}`;
  }
}

const whole = (text) => text.replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, '\ufffd');

/** A row that could not be mapped, with its identifier when that can be read. */
export function rejected(raw, reason) {
  let reference;
  try {
    reference = new Row(raw).id();
  } catch {
    // Then it has none.
  }
  return { reference, reason: String(reason.message ?? reason), raw };
}

/** The metadata of a record: sorted, the bank's own keys behind its namespace, without empty values. */
export function metadata(namespace, own, standard) {
  const named = [
    ...Object.entries(own).map(([key, text]) => [namespace + key, text]),
    ...Object.entries(standard).map(([key, text]) => [`std/${key}`, text]),
  ];
  return named.filter(([, text]) => text).sort(([a], [b]) => (a < b ? -1 : 1));
}
