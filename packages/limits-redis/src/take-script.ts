import { createHash } from 'node:crypto';

/**
 * Counts a request against all rates, or against none, in one step. For each rate is kept the moment at which nothing of it
 * is used any more, in microseconds of the clock of Redis, and no longer than until then: a bucket that leaks (the generic
 * cell rate algorithm of ITU-T I.371, annex A). The answer is which rate refused, or 0, and for each how long it is used.
 */
export const takeScript = `
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local refused = 0
local busy = {}
local cost = {}
for i = 1, #KEYS do
  local count, per, burst = tonumber(ARGV[3 * i - 2]), tonumber(ARGV[3 * i - 1]) * 1000, tonumber(ARGV[3 * i])
  cost[i] = per / count
  local till = tonumber(redis.call('GET', KEYS[i]) or '0') or 0
  busy[i] = math.min(math.max(till - now, 0), burst * cost[i])
  if refused == 0 and busy[i] + cost[i] > burst * cost[i] + 1 then refused = i end
end
local answer = { refused }
for i = 1, #KEYS do
  if refused == 0 then
    busy[i] = busy[i] + cost[i]
    redis.call('SET', KEYS[i], string.format('%.17g', now + busy[i]), 'PX', math.ceil(busy[i] / 1000) + 1)
  end
  answer[i + 1] = math.ceil(busy[i])
end
return answer
`;

/** As Redis names it (EVALSHA): no secret depends on it. */
export const takeScriptDigest = createHash('sha1').update(takeScript).digest('hex');
