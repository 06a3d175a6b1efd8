#!lua flags=allow-oom
-- Deletes consumers that are gone: no liveness key, nothing pending, idle for a while. One with pending entries stays: deleting it would
-- lose them.
--
-- KEYS 1 stream
-- ARGV 1 group · 2 prefix of the liveness keys · 3 their suffix · 4 idle in ms
-- Returns how many went
local count = 0
for _, fields in ipairs(redis.call('XINFO', 'CONSUMERS', KEYS[1], ARGV[1])) do
  local consumer = {}
  for i = 1, #fields, 2 do consumer[fields[i]] = fields[i + 1] end
  local alive = ARGV[2] .. string.gsub(consumer['name'], '[%%{}]', {['%'] = '%25', ['{'] = '%7B', ['}'] = '%7D'}) .. ARGV[3]
  if consumer['pending'] == 0 and consumer['idle'] >= tonumber(ARGV[4]) and redis.call('EXISTS', alive) == 0 then
    redis.call('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], consumer['name'])
    count = count + 1
  end
end
return count
