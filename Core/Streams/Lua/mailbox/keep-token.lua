#!lua flags=allow-oom
-- Keeps a rotated refresh token of an account, encrypted, also when Redis is full: without it the account must sign in again.
-- Keeps: of two pollers that rotate the same token, the later one does not overwrite what the earlier one kept. A Redis that has lost its
-- last writes, or all, has a lower version than the caller: what the caller has is newer, and its version goes on.
--
-- KEYS 1 refresh token
-- ARGV 1 digest of the configured token · 2 version that the caller knows (0 = none) · 3 new token, encrypted
-- Returns 1 kept · 0 another poller has kept a newer one
--@ checks
length_of(KEYS[1], 'HLEN')
local kept = redis.call('HMGET', KEYS[1], 'digest', 'version')
local version = kept[1] == ARGV[1] and tonumber(kept[2] or '') or 0
if version > tonumber(ARGV[2]) then return 0 end
redis.call('HSET', KEYS[1], 'digest', ARGV[1], 'version', tonumber(ARGV[2]) + 1, 'token', ARGV[3])
return 1
