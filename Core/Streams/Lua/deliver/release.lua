#!lua flags=allow-oom
-- Releases deliveries: a retry, which waits one lease, or an uncounted delivery, which others may reclaim at once. Deliveries whose run has ended
-- wait under a name that no consumer has, so that they differ from deliveries whose consumer died. A delivery that was claimed and not run is
-- released to the name it was claimed from.
--
-- KEYS 1 stream
-- ARGV 1 group · 2 consumer · 3 the name under which they wait · 4 the idle time to set, in ms · 5 1 = uncounted, 0 = counted;
--      per delivery: entry, delivery count
-- Returns per delivery: 1 released · 0 another consumer owns it
--@ owned
local result = {}
for at = 6, #ARGV, 2 do
  local id, number = ARGV[at], tonumber(ARGV[at + 1])
  if owned(KEYS[1], ARGV[1], ARGV[2], id, number) then
    redis.call('XCLAIM', KEYS[1], ARGV[1], ARGV[3], 0, id, 'IDLE', ARGV[4], 'RETRYCOUNT', math.max(0, number - ARGV[5]), 'JUSTID')
    result[#result + 1] = 1
  else
    result[#result + 1] = 0
  end
end
return result
