// The same server over stdio: `node echo-stdio.ts <result bytes> [tools]`.
import { createInterface } from 'node:readline';
import { createAnswers } from './echo-answers.ts';
import type { Message } from './echo-answers.ts';

const [bytes = '200', tools = '1'] = process.argv.slice(2);
const answer = createAnswers({ bytes: Number(bytes), tools: Number(tools) });

createInterface({ input: process.stdin }).on('line', (line) => {
  const made = answer(JSON.parse(line) as Message);
  if (made !== undefined) process.stdout.write(`${made.head}${made.rest.text}\n`);
});
