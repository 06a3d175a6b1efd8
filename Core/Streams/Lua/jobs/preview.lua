#!lua flags=allow-oom
-- Keeps what a preview has shown, also when Redis is full, until it is confirmed or its time is over.
--
-- KEYS 1 the preview · ARGV 1 what it has shown · 2 life in ms
-- Returns 1
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
