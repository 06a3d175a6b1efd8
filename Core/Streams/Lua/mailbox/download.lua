#!lua flags=allow-oom
-- Takes bytes from the download budget of an account: what its mailboxes have fetched in the last 24 full hours and this one. All pollers
-- count here, also when Redis is full.
--
-- KEYS 1 downloads of the account
-- ARGV 1 this hour since 1970 · 2 bytes (0 = ask only; below 0 = return) · 3 the most bytes (0 = count them in any case)
--      4 1 = of one email, which an empty window takes in any case, or it never would be fetched
-- Returns {1 taken or 0 refused, bytes in the window, the oldest hour with bytes (-1 = none)}
--@ checks
length_of(KEYS[1], 'HLEN')
local hour, bytes, most = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local window, names = 25, {}
for slot = 0, window - 1 do names[#names + 1] = slot end
local used, oldest, current = 0, -1, 0
for _, value in ipairs(redis.call('HMGET', KEYS[1], unpack(names))) do
  local at, count = string.match(value or '', '^(%d+):(%d+)$')
  at, count = tonumber(at), tonumber(count)
  -- A process whose clock is ahead counts too.
  if at and at > hour - window and at < hour + window and count > 0 then
    used = used + count
    if oldest < 0 or at < oldest then oldest = at end
    if at == hour then current = count end
  end
end

local is_alone = ARGV[4] == '1' and used == 0
if most > 0 and not is_alone and used + math.max(bytes, 0) > most then return {0, used, oldest} end
if bytes ~= 0 then
  may(KEYS[1], 'EXPIRE', KEYS[1], '1')
  local now = math.max(0, current + bytes)
  redis.call('HSET', KEYS[1], hour % window, string.format('%.0f:%.0f', hour, now))
  redis.call('EXPIRE', KEYS[1], (window + 1) * 3600)
  used = used + now - current
  if oldest < 0 then oldest = hour end
end
return {1, used, oldest}
