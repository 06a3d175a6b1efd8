#!lua
-- Counts what a day's log of digests holds, oldest first: to be looked up, a digest must have a count. Only a renumbered folder asks.
--
-- KEYS 1 digest log · 2 digests of the same day
-- ARGV 1 batches to count at most
-- Returns how many batches are left
local life = redis.call('TTL', KEYS[1])
for _ = 1, tonumber(ARGV[1]) do
  local batch = redis.call('LPOP', KEYS[1])
  if not batch then break end
  -- epoch : length digest length digest …
  local colon = string.find(batch, ':', 1, true)
  local at = colon + 1
  while at <= #batch do
    local last = at + string.byte(batch, at)
    redis.call('HINCRBY', KEYS[2], string.sub(batch, 1, colon) .. string.sub(batch, at + 1, last), 1)
    at = last + 1
  end
end
if life > 0 and redis.call('TTL', KEYS[2]) == -1 then redis.call('EXPIRE', KEYS[2], life) end
return redis.call('LLEN', KEYS[1])
