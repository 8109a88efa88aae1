import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { publicPackages, root } from '../packages/public-packages.ts';
import { outputProblem, readExamples } from '../packages/readme-examples.ts';
import { run, runBeside } from './run.mjs';
import { startStandIns } from './stand-ins.mjs';

/** Of one example. */
const LONGEST = 180_000;

/** Runs what each README shows in the project that has its package installed, and compares what is printed. */
export async function runExamples(registry, folders) {
  const all = publicPackages().map(({ directory, manifest: { name } }) => {
    const cwd = folders[name];
    // As it was published: the README of a package is in it.
    const examples = readExamples(readFileSync(join(cwd, 'node_modules', name, 'README.md'), 'utf8'));
    if (examples.programs.length === 0) throw new Error(`${directory}/README.md shows no example`);
    return { name, cwd, ...examples };
  });
  for (const each of all) prepare(registry, each);
  checkTypes(registry, all);
  const standIns = await startStandIns();
  try {
    for (const each of all) {
      const reason = standIns.without[each.name];
      if (reason !== undefined) console.log(`${each.name}: NOT RUN, ${reason}`);
      else await runEach(each, { ...registry.env, ...standIns.env });
    }
  } finally {
    await standIns.stop();
  }
}

function prepare(registry, { cwd, files, programs, installs }) {
  // What the package needs itself is there already: each installation costs seconds.
  const more = installs.filter((one) => !existsSync(join(cwd, 'node_modules', one)));
  if (more.length > 0) registry.install(cwd, ...more);
  for (const file of [...files, ...programs]) writeFileSync(join(cwd, file.name), file.text);
}

/** All at once: the compiler reads each package's types as they were installed. */
function checkTypes(registry, all) {
  const tsconfig = {
    compilerOptions: {
      target: 'es2024',
      lib: ['es2024', 'esnext.disposable'],
      module: 'nodenext',
      strict: true,
      noEmit: true,
      skipLibCheck: true,
      types: ['node'],
      typeRoots: [join(root, 'node_modules/@types')],
    },
    files: all.flatMap(({ cwd, programs }) =>
      programs.filter(({ name }) => name.endsWith('.ts')).map(({ name }) => join(cwd, name)),
    ),
  };
  const path = join(registry.folder, 'tsconfig.json');
  writeFileSync(path, JSON.stringify(tsconfig));
  run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', path], { cwd: registry.folder });
}

async function runEach({ name, cwd, programs }, env) {
  for (const program of programs) {
    const [command, ...args] = program.name.endsWith('.ts') ? [process.execPath] : ['bash', '-euo', 'pipefail'];
    const begun = performance.now();
    const output = await runBeside(command, [...args, program.name], { cwd, env, timeout: LONGEST });
    const problem = outputProblem(program, output);
    if (problem !== undefined) throw new Error(`${name}: ${problem}`);
    console.log(`${name.padEnd(24)} ${program.name} (${((performance.now() - begun) / 1000).toFixed(1)} s)`);
  }
}
