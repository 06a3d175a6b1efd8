#!lua flags=allow-oom
-- Keeps a rotated refresh token of a configured one, encrypted, also when Redis is full: without it somebody must sign in again.
-- Keeps: of two pollers that rotate the same token, the later one does not overwrite what the earlier one kept. A Redis that has lost its
-- last writes, or all, has a lower version than the caller: what the caller has is newer, and its version goes on.
--
-- KEYS 1 refresh token
-- ARGV 1 version that the caller knows (0 = none) · 2 new token, encrypted
-- Returns 1 kept · 0 another poller has kept a newer one
--@ checks
length_of(KEYS[1], 'HLEN')
local version = tonumber(redis.call('HGET', KEYS[1], 'version') or '') or 0
if version > tonumber(ARGV[1]) then return 0 end
redis.call('HSET', KEYS[1], 'version', tonumber(ARGV[1]) + 1, 'token', ARGV[2])
return 1
