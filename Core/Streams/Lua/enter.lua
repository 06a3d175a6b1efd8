#!lua flags=allow-oom
-- Makes a consumer known to the group before it has read anything, so that those who look at the group see it, also when Redis is full.
--
-- KEYS 1 stream · ARGV 1 group · 2 consumer · 3 count
-- Returns the entries that are pending under its name, left by a process that had it before
redis.call('XGROUP', 'CREATECONSUMER', KEYS[1], ARGV[1], ARGV[2])
local left = {}
for _, delivery in ipairs(redis.call('XPENDING', KEYS[1], ARGV[1], '-', '+', ARGV[3], ARGV[2])) do left[#left + 1] = delivery[1] end
return left
