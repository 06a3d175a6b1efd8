#!lua flags=allow-oom
-- Deletes consumers that are gone: no liveness key, nothing pending, idle for a while. A consumer with pending entries stays, because deleting it
-- would lose them. A consumer whose name ends in its process's nonce is alive while the liveness key of the chosen name contains that nonce.
--
-- KEYS 1 stream
-- ARGV 1 group · 2 prefix of the liveness keys · 3 their suffix · 4 the separator before the nonce · 5 idle in ms
-- Returns how many were deleted
local function is_alive(consumer)
  local name, nonce = string.match(consumer, '^(.*)' .. ARGV[4] .. '(.*)$')
  local key = ARGV[2] .. string.gsub(name or consumer, '[%%{}]', {['%'] = '%25', ['{'] = '%7B', ['}'] = '%7D'}) .. ARGV[3]
  local holder = redis.call('GET', key)
  return holder and (not nonce or holder == nonce)
end

local count = 0
for _, fields in ipairs(redis.call('XINFO', 'CONSUMERS', KEYS[1], ARGV[1])) do
  local consumer = {}
  for i = 1, #fields, 2 do consumer[fields[i]] = fields[i + 1] end
  if consumer['pending'] == 0 and consumer['idle'] >= tonumber(ARGV[5]) and not is_alive(consumer['name']) then
    redis.call('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], consumer['name'])
    count = count + 1
  end
end
return count
