#!lua flags=allow-oom
-- Writes down how a poll ended, also when Redis is full. No mailbox is made by it that has no cursor yet, except for its error.
--
-- KEYS 1 cursor · 2 mailboxes
-- ARGV 1 mailbox · 2… name, value, …
-- Returns OK
redis.call('HSET', KEYS[1], unpack(ARGV, 2))
redis.call('SADD', KEYS[2], ARGV[1])
return redis.status_reply('OK')
