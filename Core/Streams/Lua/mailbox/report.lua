#!lua flags=allow-oom
-- Records how a poll ended, also when Redis is full. A mailbox without a cursor gets only these fields.
--
-- KEYS 1 cursor · 2 mailboxes
-- ARGV 1 mailbox · 2… name, value, …
-- Returns OK
--@ checks
length_of(KEYS[1], 'HLEN')
may(KEYS[1], 'HSET', KEYS[1], 'a', 'b')
redis.call('SADD', KEYS[2], ARGV[1])
redis.call('HSET', KEYS[1], unpack(ARGV, 2))
return redis.status_reply('OK')
