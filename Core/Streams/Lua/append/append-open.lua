#!lua flags=allow-oom
-- The first step of the transaction that appends: writes down how long the stream is. See append-close.
--
-- KEYS 1 stream · 2 cursor
-- Not where it could not be removed again.
if redis.acl_check_cmd('HDEL', KEYS[2], 'open') then redis.call('HSET', KEYS[2], 'open', redis.call('XLEN', KEYS[1])) end
return redis.status_reply('OK')
