// The same server over stdio: `node echo-stdio.ts <result bytes>`.
import { createInterface } from 'node:readline';
import { createAnswers } from './echo-answers.ts';
import type { Message } from './echo-answers.ts';

const answer = createAnswers(Number(process.argv[2] ?? 200));

createInterface({ input: process.stdin }).on('line', (line) => {
  const body = answer(JSON.parse(line) as Message);
  if (body !== undefined) process.stdout.write(`${body}\n`);
});
