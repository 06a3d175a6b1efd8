#!lua flags=allow-oom
-- Returns the bodies outside Redis that nothing has referred to for some time, the oldest first. It forgets those that were handled, unless
-- they were released again since.
--
-- KEYS 1 released
-- ARGV 1 that time in ms · 2 the most to return · 3 how many of the oldest to leave out; then the names that were handled
-- Returns their names
--@ checks
length_of(KEYS[1], 'ZCARD')
may(KEYS[1], 'ZREM', KEYS[1], 'a')
may(KEYS[1], 'ZRANGEBYSCORE', KEYS[1], '-inf', '1')
local now = redis.call('TIME')
local last = now[1] * 1000 + math.floor(now[2] / 1000) - ARGV[1]
for at = 4, #ARGV do
  local score = tonumber(redis.call('ZSCORE', KEYS[1], ARGV[at]) or 'inf')
  if score <= last then redis.call('ZREM', KEYS[1], ARGV[at]) end
end
return redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', last, 'LIMIT', ARGV[3], ARGV[2])
