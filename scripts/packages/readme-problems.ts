import type { PackageManifest } from './public-packages.ts';
import { readExamples } from './readme-examples.ts';

/** What a README lacks: the name, what to install, and a program with what it prints. `pnpm rehearse` runs it. */
export function readmeProblems(readme: string, { name }: PackageManifest): readonly string[] {
  const { programs, installs } = readExamples(readme);
  const imported = programs
    .filter((program) => program.name.endsWith('.ts'))
    .flatMap(({ text }) => [...text.matchAll(/^(?:import|export) .*?from '((?:@[^/']+\/)?[^./'][^/']*)/gms)])
    .map(([, module = '']) => module)
    .filter((module) => !module.startsWith('node:'));
  return [
    ...(readme.startsWith(`# ${name}\n`) ? [] : [`its README does not begin with # ${name}`]),
    ...(installs.includes(name) ? [] : [`its README has no "npm install ${name}"`]),
    ...(programs.length > 0 ? [] : ['its README has no example: a ts block, with // → what it prints']),
    ...programs
      .filter(({ expected }) => expected.length === 0)
      .map((program) => `${program.name} of its README does not say what it prints: // → text`),
    ...[...new Set(imported)]
      .filter((module) => !installs.includes(module))
      .map((module) => `its README imports ${module} and does not say to install it`),
  ];
}
