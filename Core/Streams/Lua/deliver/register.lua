#!lua flags=allow-oom
-- Makes a consumer known to the group before it has read anything, so that those who look at the group see it, also when Redis is full.
--
-- KEYS 1 stream · ARGV 1 group · 2 consumer
-- Returns 1 made · 0 it was there
return redis.call('XGROUP', 'CREATECONSUMER', KEYS[1], ARGV[1], ARGV[2])
