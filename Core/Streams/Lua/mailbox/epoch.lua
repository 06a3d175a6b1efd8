#!lua
-- Starts a mailbox's first epoch, the next one when the server has renumbered the folder, or a known one when Redis has lost the cursor.
-- Keeps: when two polls see the change, only one starts the epoch.
--
-- KEYS 1 cursor · 2 mailboxes
-- ARGV 1 epoch that the caller saw ('' = no cursor) · 2 new epoch · 3 UIDVALIDITY · 4 last UID not to be read · 5 now, Unix ms · 6 mailbox
--      7 when the mailbox was first seen, Unix ms; an earlier time stays
-- Returns 1 started · 0 another poll started it
--@ checks
local epoch = redis.call('HGET', KEYS[1], 'epoch')
if (epoch or '') ~= ARGV[1] then return 0 end
may(KEYS[1], 'HSET', KEYS[1], 'a', 'b')
redis.call('SADD', KEYS[2], ARGV[6])
redis.call('HSET', KEYS[1], 'epoch', ARGV[2], 'uidvalidity', ARGV[3], 'last', ARGV[4], 'since', ARGV[5], 'missing', 0)
local first = tonumber(redis.call('HGET', KEYS[1], 'first') or '')
if not first or first > tonumber(ARGV[7]) then redis.call('HSET', KEYS[1], 'first', ARGV[7]) end
return 1
