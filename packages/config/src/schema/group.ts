import * as v from 'valibot';
import { serverName } from './server.ts';

export const group = v.strictObject(
  {
    servers: v.pipe(
      v.array(serverName, 'a list of server names'),
      v.minLength(1, 'must name at least one server'),
      v.description('The members, in order of preference. Clients of the whole host see the group in their place.'),
    ),
    strategy: v.exactOptional(
      v.pipe(
        v.picklist(['priority', 'weighted', 'round-robin', 'sticky']),
        v.description(
          'Which member gets a call: the first that is well, by chance and `weights`, in turn, or always the same for one session.',
        ),
      ),
      'priority',
    ),
    weights: v.exactOptional(
      v.pipe(
        v.record(
          serverName,
          v.pipe(
            v.number('a number'),
            v.minValue(0.001, 'must be from 0.001 to 1000'),
            v.maxValue(1000, 'must be from 0.001 to 1000'),
          ),
          'a map of numbers',
        ),
        v.description('For `weighted` and `sticky`: the share of a member beside the others, 1 unless it stands here.'),
      ),
      {},
    ),
  },
  'a map with servers and strategy',
);
