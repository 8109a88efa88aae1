import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createTaskIds } from './task-ids.ts';

const key = Buffer.alloc(32, 7);
const ids = createTaskIds(key);
const place = { server: 'files', taskId: 'task-1' };

describe('the public id of a task', () => {
  it('names the server, and leads back for its consumer', () => {
    const id = ids.toPublic('alice', place);
    expect(id).toMatch(/^files\.dGFzay0x\.[\w-]{22}$/);
    expect(ids.fromPublic('alice', id)).toEqual(place);
  });

  it.each([' ', 'ä/ö?#', 'a.b.c', '\u0000', 'x'.repeat(1_000)])('carries the task id %j', (taskId) => {
    const id = ids.toPublic('alice', { server: 'files', taskId });
    // Header values and cursors are made of these characters.
    expect(id).toMatch(/^[\w.-]+$/);
    expect(ids.fromPublic('alice', id)).toEqual({ server: 'files', taskId });
  });

  it('is the same every time, and another one for everybody else', () => {
    expect(createTaskIds(key).toPublic('alice', place)).toBe(ids.toPublic('alice', place));
    const others = [
      ids.toPublic('bob', place),
      ids.toPublic('alice', { ...place, server: 'file' }),
      ids.toPublic('alice', { ...place, taskId: 'task-2' }),
      createTaskIds(randomBytes(32)).toPublic('alice', place),
      // Parts that would run into each other when they were only put in a row.
      ids.toPublic('alicef', { server: 'iles', taskId: 'task-1' }),
    ];
    expect(new Set([ids.toPublic('alice', place), ...others]).size).toBe(6);
  });

  it('is worth nothing to anybody else, and nothing when it was altered', () => {
    const id = ids.toPublic('alice', place);
    const [server, taskId, proof] = id.split('.');
    const bad: unknown[] = [
      `${server}.${taskId}.${'A'.repeat(22)}`,
      `other.${taskId}.${proof}`,
      `${server}.${Buffer.from('task-2').toString('base64url')}.${proof}`,
      `${server}.${taskId}`,
      `${server}.${taskId}.${proof}.`,
      `${server}.${taskId}=.${proof}`,
      ` ${id}`,
      `${id}\n`,
      id.toUpperCase(),
      'task-1',
      '',
      undefined,
      7,
      [id],
      'x'.repeat(1_000_000),
    ];
    for (const value of bad) expect(ids.fromPublic('alice', value)).toBeUndefined();
    expect(ids.fromPublic('bob', id)).toBeUndefined();
    expect(ids.fromPublic('Alice', id)).toBeUndefined();
  });

  it('has no second spelling', () => {
    // The last character of the proof has bits that a lenient decoder drops.
    const id = ids.toPublic('alice', place);
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const spellings = alphabet
      .split('')
      .filter((last) => ids.fromPublic('alice', id.slice(0, -1) + last) !== undefined);
    expect(spellings).toEqual([id.at(-1)]);
  });

  it('is not found by 10,000 guesses', () => {
    const [server, taskId] = ids.toPublic('alice', place).split('.');
    for (let guess = 0; guess < 10_000; guess++) {
      const proof = randomBytes(16).toString('base64url');
      expect(ids.fromPublic('alice', `${server}.${taskId}.${proof}`)).toBeUndefined();
    }
  });
});
