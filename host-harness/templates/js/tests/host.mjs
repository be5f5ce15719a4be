// What a component imports, for tests that run without one: `wasi:http` and the state of the stream are in fake.mjs.
import { register } from 'node:module';

register(`data:text/javascript,${encodeURIComponent(`
  const fake = ${JSON.stringify(new URL('./fake.mjs', import.meta.url).href)};
  export const resolve = (specifier, context, next) =>
    /^(wasi|payments):/.test(specifier) ? { url: fake, shortCircuit: true } : next(specifier, context);
`)}`);
