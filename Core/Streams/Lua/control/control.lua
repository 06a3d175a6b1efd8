#!lua flags=allow-oom
-- Changes what the processes of a partition obey, and records who did it, also when Redis is full.
--
-- KEYS 1 control · 2 audit
-- ARGV 1 who · 2 action · 3 target · 4 now · 5 audit length · 6 outcome · 7… field, value; an empty value removes the field
-- Returns 1 changed · 0 there was nothing to remove: nothing is recorded
--@ checks
--@ audit
length_of(KEYS[1], 'HLEN')
may(KEYS[1], 'HSET', KEYS[1], 'a', 'b')
may(KEYS[1], 'HDEL', KEYS[1], 'a')
check_audit(KEYS[2])
local changes = false
for i = 7, #ARGV, 2 do
  changes = changes or ARGV[i + 1] ~= '' or redis.call('HGET', KEYS[1], ARGV[i]) ~= false
end
if not changes then return 0 end
audit(KEYS[2], ARGV[5], 'at', ARGV[4], 'who', ARGV[1], 'what', ARGV[2], 'target', ARGV[3], 'count', 1, 'outcome', ARGV[6])
for i = 7, #ARGV, 2 do
  if ARGV[i + 1] == '' then
    redis.call('HDEL', KEYS[1], ARGV[i])
  else
    redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1])
  end
end
return 1
