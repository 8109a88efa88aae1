import { text } from 'node:stream/consumers';
import { getHeapSnapshot } from 'node:v8';

/** The parts of a heap snapshot that a search needs; numbers are flat rows whose fields `meta` names. */
interface Snapshot {
  readonly snapshot: {
    readonly meta: {
      readonly node_fields: readonly string[];
      readonly node_types: readonly [readonly string[], ...unknown[]];
      readonly edge_fields: readonly string[];
      readonly edge_types: readonly [readonly string[], ...unknown[]];
    };
  };
  readonly nodes: readonly number[];
  readonly edges: readonly number[];
  readonly strings: readonly string[];
}

/**
 * The strings of this process that contain the text and that something still holds, each with who holds it: the names of
 * the properties and the objects that lead to it.
 */
export async function stringsHeld(part: string): Promise<string[]> {
  const heap = JSON.parse(await text(getHeapSnapshot())) as Snapshot;
  const {
    node_fields: nodeFields,
    node_types: nodeTypes,
    edge_fields: edgeFields,
    edge_types: edgeTypes,
  } = heap.snapshot.meta;
  const width = nodeFields.length;
  const step = edgeFields.length;
  const [typeAt, nameAt, countAt] = ['type', 'name', 'edge_count'].map((field) => nodeFields.indexOf(field));
  const field = (node: number, at = 0): number => heap.nodes[node * width + at] as number;
  const nameOf = (node: number): string => heap.strings[field(node, nameAt)] as string;
  const size = heap.nodes.length / width;
  const firstEdge = new Uint32Array(size + 1);
  for (let node = 0; node < size; node += 1) firstEdge[node + 1] = (firstEdge[node] as number) + field(node, countAt);
  const holder = new Int32Array(size).fill(-1);
  const queue = [0];
  for (let node = queue.shift(); node !== undefined; node = queue.pop()) {
    // A table of all strings that were ever property names; it keeps none of them alive.
    if (nameOf(node) === '(Internalized strings)') continue;
    for (let edge = firstEdge[node] as number; edge < (firstEdge[node + 1] as number); edge += 1) {
      const target = (heap.edges[edge * step + 2] as number) / width;
      const isWeak = edgeTypes[0][heap.edges[edge * step] as number] === 'weak';
      if (isWeak || target === 0 || holder[target] !== -1) continue;
      holder[target] = node;
      queue.push(target);
    }
  }
  const held: string[] = [];
  for (let node = 1; node < size; node += 1) {
    const isText = nodeTypes[0][field(node, typeAt)]?.includes('string') === true;
    if (!isText || holder[node] === -1 || !nameOf(node).includes(part)) continue;
    const chain: string[] = [];
    for (let at = holder[node] as number; at > 0 && chain.length < 12; at = holder[at] as number)
      chain.push(nameOf(at));
    held.push(`${nameOf(node).slice(0, 80)} ← ${chain.map((name) => name.slice(0, 40)).join(' ← ')}`);
  }
  return held;
}
