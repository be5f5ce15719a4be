// Makes connector.wasm of connector.js and what it imports.
import { writeFileSync } from 'node:fs';
import { componentize } from '@bytecodealliance/componentize-js';

const { component } = await componentize({
  sourcePath: 'connector.js',
  witPath: 'wit',
  worldName: 'payments-connector',
});
writeFileSync('connector.wasm', component);
