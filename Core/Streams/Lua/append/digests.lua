#!lua
-- Counts the digests of a day's log, oldest first. A lookup needs counts, and only a renumbered folder needs a lookup.
--
-- KEYS 1 digest log · 2 digests of the same day
-- ARGV 1 batches to count at most
-- Returns how many batches are left
--@ checks
local life, left = redis.call('TTL', KEYS[1]), length_of(KEYS[1], 'LLEN')
length_of(KEYS[2], 'HLEN')
may(KEYS[1], 'LPOP', KEYS[1])
may(KEYS[2], 'HSET', KEYS[2], 'a', 'b')
may(KEYS[2], 'EXPIRE', KEYS[2], '1')

-- epoch : length digest length digest …. A batch without a colon is foreign and is skipped.
local function count(batch)
  local colon, fields, seen = string.find(batch, ':', 1, true), {}, {}
  local at = colon and colon + 1 or #batch + 1
  while at <= #batch do
    local last = at + string.byte(batch, at)
    local field = string.sub(batch, 1, colon) .. string.sub(batch, at + 1, last)
    if not seen[field] then fields[#fields + 1] = field end
    seen[field] = (seen[field] or 0) + 1
    at = last + 1
  end
  for _, field in ipairs(fields) do
    redis.call('HSET', KEYS[2], field, (tonumber(redis.call('HGET', KEYS[2], field)) or 0) + seen[field])
  end
end

for _ = 1, tonumber(ARGV[1]) do
  local batch = redis.call('LINDEX', KEYS[1], 0)
  if not batch then break end
  may(KEYS[2], 'HGET', KEYS[2], 'a')
  count(batch)
  redis.call('LPOP', KEYS[1])
  left = left - 1
end
if life > 0 and redis.call('TTL', KEYS[2]) == -1 then redis.call('EXPIRE', KEYS[2], life) end
return left
