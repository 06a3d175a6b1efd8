#!lua flags=allow-oom
-- Adds what a process has done in a minute to the history, which has a field for each of 64 minutes.
--
-- KEYS 1 history
-- ARGV 1 minute · 2 appended · 3 settled · 4 dead-lettered · 5 outstanding entries
-- Returns 1
local field = ARGV[1] % 64
local value = redis.call('HGET', KEYS[1], field)
local minute, appended, settled, dead = string.match(value or '', '^(%d+) (%d+) (%d+) (%d+) ')
if minute ~= ARGV[1] then appended, settled, dead = 0, 0, 0 end
redis.call('HSET', KEYS[1], field, string.format('%s %d %d %d %s', ARGV[1], appended + ARGV[2], settled + ARGV[3], dead + ARGV[4], ARGV[5]))
return 1
