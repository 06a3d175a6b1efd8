#!lua flags=allow-oom
-- Registers a consumer with the group before its first read, so that it appears in the group, also when Redis is full.
--
-- KEYS 1 stream · ARGV 1 group · 2 consumer
-- Returns 1 registered · 0 it existed
return redis.call('XGROUP', 'CREATECONSUMER', KEYS[1], ARGV[1], ARGV[2])
