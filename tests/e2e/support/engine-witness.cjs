// Loaded before a program of the product: writes down what its engine is told, and has young objects collected as a host
// that works does.
const process = require('node:process');
const { appendFileSync } = require('node:fs');
const v8 = require('node:v8');
const { runInNewContext } = require('node:vm');

const tell = v8.setFlagsFromString;
tell('--expose-gc');
const collect = runInNewContext('gc');
v8.setFlagsFromString = (flags) => {
  tell(flags);
  appendFileSync(process.env.ENGINE_WITNESS, `${process.argv[1]} ${flags}\n`);
};

/** Objects that outlive a collection: more than 2 MiB, for which there has to be room. */
const COUNT = 60_000;
let kept = [];
setInterval(() => {
  const last = kept;
  kept = Array.from({ length: COUNT }, (_, index) => ({ index, last: last.length }));
  collect({ type: 'minor' });
}, 10).unref();
