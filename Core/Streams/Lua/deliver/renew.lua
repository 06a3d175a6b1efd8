#!lua flags=allow-oom
-- Extends the leases of deliveries that the consumer still owns. JUSTID: a renewal does not count as a delivery.
--
-- KEYS 1 stream
-- ARGV 1 group · 2 consumer; per delivery: entry, delivery count
-- Returns per delivery: 1 renewed · 0 lost
--@ owned
local result = {}
for at = 3, #ARGV, 2 do
  local id = ARGV[at]
  if owned(KEYS[1], ARGV[1], ARGV[2], id, ARGV[at + 1]) then
    redis.call('XCLAIM', KEYS[1], ARGV[1], ARGV[2], 0, id, 'JUSTID')
    result[#result + 1] = 1
  else
    result[#result + 1] = 0
  end
end
return result
