import * as v from 'valibot';

/** A name, `*.` and a name, an address, or a prefix of addresses. */
const REACHED = /^(?:(?:\*\.)?[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|[0-9A-Fa-f:.]+(?:\/\d{1,3})?)$/;

/** Requests that the host sends of its own. */
export const outbound = v.strictObject(
  {
    allow: v.exactOptional(
      v.pipe(
        v.array(
          v.pipe(
            v.string('text'),
            v.regex(REACHED, 'must be a host name, *.example.com, an address or a prefix such as 10.0.0.0/8'),
          ),
          'a list of hosts and prefixes',
        ),
        v.description(
          'Hosts that are at private addresses and that requests may go to although nobody has written their URL here: host names, `*.example.com`, addresses, prefixes such as `10.0.0.0/8`. Keys, tokens and metadata are otherwise fetched from public addresses and from hosts that this file names. Metadata services of clouds are never reached.',
        ),
      ),
      [],
    ),
  },
  'a map with allow',
);
