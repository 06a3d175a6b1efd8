#!lua flags=allow-oom
-- The first step of an append transaction: records the stream's length. See append-close.
--
-- KEYS 1 stream · 2 cursor
-- Only when the user may remove the record again.
if redis.acl_check_cmd('HDEL', KEYS[2], 'open') then redis.call('HSET', KEYS[2], 'open', redis.call('XLEN', KEYS[1])) end
return redis.status_reply('OK')
