#!lua flags=allow-oom
-- The first step of the transaction that appends: writes down how long the stream is. See append-close.
--
-- KEYS 1 stream · 2 cursor
redis.call('HSET', KEYS[2], 'open', redis.call('XLEN', KEYS[1]))
return redis.status_reply('OK')
