#!lua flags=allow-oom
-- Releases deliveries: a retry, which waits for one lease, or one that is not counted, which others can take at once. Those whose run has ended wait
-- under a name that is nobody's, which tells them from deliveries whose consumer died. One that was claimed and not run goes back to the name that it
-- was claimed from.
--
-- KEYS 1 stream
-- ARGV 1 group · 2 consumer · 3 the name under which they wait · 4 how long idle from now on, in ms · 5 1 = uncounted, 0 = counted;
--      per delivery: entry, number
-- Returns per delivery: 1 released · 0 not ours any more
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
