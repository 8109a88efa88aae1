import { fileURLToPath } from 'node:url';

export const repository = fileURLToPath(new URL('../..', import.meta.url));
/** Programs that only the checks of the deployment need; nothing is installed into the machine. */
export const toolsFolder = fileURLToPath(new URL('../../.tools/deploy', import.meta.url));
export const programs = fileURLToPath(new URL('../../.tools/deploy/bin', import.meta.url));
