import { markdownTable } from '../markdown-table.ts';
import type { Times } from './crowd-order.ts';
import type { CallPoint, HoldFigures, ListFigures, ViewFigures } from './figures.ts';
import type { ScaleFigures } from './scenario.ts';

/** What calls may cost more with everything than with one of each. */
const MOST_RATIO = 1.15;
/** Milliseconds. */
const SLOWEST_PAGE = 10;
const LONGEST_BLOCK = 50;

export function scaleTables({ calls, lists, views, hosts }: ScaleFigures): string {
  return [callTable(calls), listTable(lists), viewTable(views), hostTable(hosts)].join('\n\n');
}

function callTable(points: readonly CallPoint[]): string {
  const head = [
    'calls spread over',
    'CPU µs per call',
    'to the first of its kind (half of the rounds)',
    'p50 ms',
    'p99 ms',
  ];
  const lines = points.map(({ program, servers, consumers, sessions, cpu, ratio, p50, p99 }) => [
    program === 'Hostler'
      ? `${count(servers, 'server')}, ${count(consumers, 'consumer')}, ${count(sessions, 'session')}`
      : `${program}, ${count(servers, 'server')}`,
    cpu.median.toFixed(1),
    `${ratio.median.toFixed(2)} (${ratio.low.toFixed(2)}–${ratio.high.toFixed(2)})`,
    p50.toFixed(2),
    p99.toFixed(2),
  ]);
  return markdownTable(head, lines);
}

function listTable(lists: readonly ListFigures[]): string {
  const head = [
    'tools/list of',
    'page p50 / p99 ms',
    'all pages p50 / p99 ms',
    'CPU µs per page',
    'after a change: slowest page ms',
    'longest block ms',
  ];
  const lines = lists.map(({ tools, pages, bytes, page, walk, cpuPerPage, changed, longestBlock }) => [
    `${tools.toLocaleString('en')} tools, ${count(pages, 'page')}, ${(bytes / 1e6).toFixed(1)} MB`,
    pair(page),
    pair(walk),
    cpuPerPage.toFixed(0),
    changed.page.max.toFixed(1),
    longestBlock.toFixed(1),
  ]);
  return markdownTable(head, lines);
}

function viewTable(views: ViewFigures): string {
  const head = ['first page of each of', 'p50 / p99 ms', 'CPU µs'];
  const lines = [
    [`${count(views.consumers, 'view')}, first time`, pair(views.first), views.cpuFirst.toFixed(0)],
    ['again', pair(views.again), views.cpuAgain.toFixed(0)],
    [`after one server changed; longest block ${views.longestBlock.toFixed(1)} ms`, pair(views.changed), ''],
  ];
  return markdownTable(head, lines);
}

function hostTable(hosts: readonly HoldFigures[]): string {
  const head = ['host with', 'ready ms', 'its CPU ms', 'RSS ready MB', 'RSS after all of the above MB'];
  const lines = hosts.map(({ servers, consumers, sessions, readyMs, readyCpuMs, rssReady, rssUsed }) => [
    `${count(servers, 'server')}, ${count(consumers, 'consumer')}, ${count(sessions, 'session')}`,
    readyMs.toFixed(0),
    readyCpuMs.toFixed(0),
    (rssReady / 1e6).toFixed(0),
    (rssUsed / 1e6).toFixed(0),
  ]);
  return markdownTable(head, lines);
}

/** What is not as it should be, in words. */
export function missedGoals({ calls, lists, views }: ScaleFigures): string[] {
  const missed: string[] = [];
  for (const { program, servers, consumers, sessions, ratio } of calls) {
    if (program !== 'Hostler' || ratio.median <= MOST_RATIO) continue;
    const place = `${servers} servers, ${consumers} consumers, ${sessions} sessions`;
    missed.push(`a call with ${place} costs ${ratio.median.toFixed(2)} times as much; at most ${MOST_RATIO}`);
  }
  for (const { tools, page } of lists) {
    if (page.p99 < SLOWEST_PAGE) continue;
    missed.push(`a page of ${tools} tools: p99 ${page.p99.toFixed(1)} ms; below ${SLOWEST_PAGE}`);
  }
  for (const longest of [...lists.map(({ longestBlock }) => longestBlock), views.longestBlock]) {
    if (longest < LONGEST_BLOCK) continue;
    missed.push(`a change stops the event loop for ${longest.toFixed(0)} ms; below ${LONGEST_BLOCK}`);
  }
  return missed;
}

function count(number: number, word: string): string {
  return `${number.toLocaleString('en')} ${word}${number === 1 ? '' : 's'}`;
}

function pair({ p50, p99 }: Times): string {
  return `${p50.toFixed(2)} / ${p99.toFixed(2)}`;
}
