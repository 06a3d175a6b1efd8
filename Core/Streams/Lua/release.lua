#!lua flags=allow-oom
-- Gives deliveries back as if they had not been handed out: another consumer can reclaim them at once, and none is counted.
--
-- KEYS 1 stream
-- ARGV 1 group · 2 consumer · 3 lease in ms; per delivery: entry, number
-- Returns per delivery: 1 released · 0 not ours any more
--@ owned
local result = {}
for at = 4, #ARGV, 2 do
  local id, number = ARGV[at], tonumber(ARGV[at + 1])
  if owned(KEYS[1], ARGV[1], ARGV[2], id, number) then
    redis.call('XCLAIM', KEYS[1], ARGV[1], ARGV[2], 0, id, 'IDLE', ARGV[3], 'RETRYCOUNT', number - 1, 'JUSTID')
    result[#result + 1] = 1
  else
    result[#result + 1] = 0
  end
end
return result
