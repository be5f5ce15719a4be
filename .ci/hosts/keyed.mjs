// A proxy that puts the key on what goes to the bank: `keyed.mjs CONFIG KEYED`, where KEYED is the config that leads here.

import { readFileSync, writeFileSync } from "node:fs";
import http from "node:http";

const config = JSON.parse(readFileSync(process.argv[2], "utf8"));
const { hostname, port } = new URL(config.endpoint);
const server = http.createServer(({ url: path, method, headers }, answer) => {
  const keyed = { ...headers, authorization: `${config.clientID}:${config.apiKey}` };
  http.request({ hostname, port, path, method, headers: keyed }, (got) => {
    answer.writeHead(got.statusCode, got.rawHeaders);
    got.pipe(answer);
  }).on("error", () => answer.destroy()).end();
});
server.listen(0, "127.0.0.1", () => {
  const endpoint = `http://127.0.0.1:${server.address().port}`;
  writeFileSync(process.argv[3], JSON.stringify({ ...config, endpoint }));
});
