#!lua flags=allow-oom
-- Hands our own deliveries out again whose reply we never saw: those after the last entry that we did see. Their number stays.
--
-- KEYS 1 stream
-- ARGV 1 group · 2 consumer · 3 last entry seen · 4 count
-- Returns {{entry, number, {name, value, …}}, …}
local taken = {}
for _, pending in ipairs(redis.call('XPENDING', KEYS[1], ARGV[1], '(' .. ARGV[3], '+', ARGV[4], ARGV[2])) do
  local entry = redis.call('XCLAIM', KEYS[1], ARGV[1], ARGV[2], 0, pending[1], 'RETRYCOUNT', pending[4])[1]
  if entry then taken[#taken + 1] = {entry[1], pending[4], entry[2]} end
end
return taken
