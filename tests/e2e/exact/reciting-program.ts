import { appendFileSync, readFileSync } from 'node:fs';
import { recite } from './recital.ts';
import type { Era } from './recital.ts';

/** As a program: writes down every call as it came, and says what stands in the file of its script. */
const [, , era = 'legacy', askedFile = '', scriptFile = ''] = process.argv;
const NEWLINE = 0x0a;
let kept: Buffer = Buffer.alloc(0);

process.stdin.on('data', (chunk: Buffer) => {
  kept = Buffer.concat([kept, chunk]);
  for (let end = kept.indexOf(NEWLINE); end !== -1; end = kept.indexOf(NEWLINE)) {
    const line = kept.subarray(0, end);
    kept = kept.subarray(end + 1);
    const { isCall, answer, plain } = recite(line, era as Era, readFileSync(scriptFile));
    if (isCall) appendFileSync(askedFile, Buffer.concat([line, Buffer.from('\n')]));
    for (const said of [answer, plain]) if (said) process.stdout.write(Buffer.concat([said, Buffer.from('\n')]));
  }
});
