// Runs a host in JavaScript, and keeps what it calls the connector with: `given.mjs GIVEN HOST ARGUMENTS...`.

import { appendFileSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

const [given, host, ...words] = process.argv.slice(2).map((word, place) => (place === 1 ? resolve(word) : word));
const { Connector, json } = await import(pathToFileURL(resolve(host, "../component.mjs")));
const { call } = Connector.prototype;
Connector.prototype.call = function (...called) {
  appendFileSync(given, `${json(called)}\n`);
  return call.apply(this, called);
};
process.argv = [process.argv[0], host, ...words];
await import(pathToFileURL(host));
