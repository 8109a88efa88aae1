import { createHash, generateKeyPairSync } from 'node:crypto';

/** Where the host reads a canary from. */
export const PLACES = ['env', 'file', 'json-file', 'dotenv', 'vault', 'gcp', 'aws', 'module'] as const;
export type Place = (typeof PLACES)[number];

export const KINDS = [
  'token',
  'password',
  'number',
  'pem',
  'service-key',
  'unicode',
  'lines',
  'base64',
  'hex',
] as const;
export type Kind = (typeof KINDS)[number];

/** A secret that nobody may see but the one it is for. */
export interface Canary {
  /** `C07`: the name of the variable that it is delivered in. */
  readonly name: string;
  readonly place: Place;
  readonly kind: Kind;
  readonly value: string;
  readonly reference: string;
}

export const COUNT = 64;

/** The same seed gives the same secrets, but for PEM keys, whose numbers Node chooses itself. */
export function createCanaries(seed: string): readonly Canary[] {
  return Array.from({ length: COUNT }, (_, index) => {
    const place = PLACES[index % PLACES.length] as Place;
    // Nine kinds over eight places: no two canaries have both in common.
    const kind = KINDS[index % KINDS.length] as Kind;
    const name = nameOf(index);
    return { name, place, kind, value: createValue(kind, `${seed} ${index}`), reference: referenceOf(place, name) };
  });
}

/** Another value in the place of this one, as after a rotation. */
export function rotated(canary: Canary, seed: string): Canary {
  return { ...canary, value: createValue(canary.kind, `${seed} ${canary.name} rotated`) };
}

export function createValue(kind: Kind, seed: string): string {
  const bytes = (length: number, of = ''): Buffer =>
    Buffer.concat([0, 1, 2].map((part) => createHash('sha256').update(`${seed} ${of} ${part}`).digest())).subarray(
      0,
      length,
    );
  switch (kind) {
    case 'token':
      return `tk_${bytes(18).toString('base64url')}`;
    case 'password':
      return `${bytes(6).toString('base64url')}&"<é>\\/ %+${bytes(6, 'end').toString('base64url')}$#`;
    case 'number':
      // Fifteen digits: a JSON number that no reader rounds.
      return String((bytes(6).readUIntBE(0, 6) % 899_999_999_999_999) + 100_000_000_000_000);
    case 'pem':
      return createPem();
    case 'service-key':
      return JSON.stringify({ private_key_id: bytes(20).toString('hex'), private_key: createPem() });
    case 'unicode':
      return `пароль-${bytes(6).toString('hex')}-密码-🔑-${bytes(4, 'end').toString('hex')}`;
    case 'lines':
      return ['a', 'b', 'c'].map((line) => bytes(18, line).toString('base64url')).join('\n');
    case 'base64':
      return `${bytes(31).toString('base64')}`;
    case 'hex':
      // A letter first, so that it may also be the name of a variable.
      return `f${bytes(20).toString('hex')}`;
  }
}

function createPem(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return String(privateKey.export({ type: 'pkcs8', format: 'pem' })).trim();
}

function nameOf(index: number): string {
  return `C${String(index).padStart(2, '0')}`;
}

function referenceOf(place: Place, name: string): string {
  switch (place) {
    case 'env':
      return `env://CANARY_${name}`;
    case 'file':
      return `file://./mounted/${name}`;
    case 'json-file':
      return `file://./mounted/keys.json#keys.${name}`;
    case 'dotenv':
      return `file://./mounted/settings.env#${name}`;
    case 'vault':
      return `local://${name}`;
    case 'gcp':
      return `gcp://${name}`;
    case 'aws':
      return `aws://canaries/${name}#value`;
    case 'module':
      return `own://${name}`;
  }
}
