#!lua flags=allow-oom
-- Takes over deliveries whose lease has run out, from the cursor on. XAUTOCLAIM gives no numbers, so they are read in the same step.
--
-- KEYS 1 stream
-- ARGV 1 group · 2 consumer · 3 lease in ms · 4 cursor · 5 count
-- Returns {next cursor, {{entry, number, {name, value, …}}, …}, ids that were pending without an entry}
local reply = redis.call('XAUTOCLAIM', KEYS[1], ARGV[1], ARGV[2], ARGV[3], ARGV[4], 'COUNT', ARGV[5])
local taken = {}
for _, entry in ipairs(reply[2]) do
  local pending = redis.call('XPENDING', KEYS[1], ARGV[1], entry[1], entry[1], 1)[1]
  taken[#taken + 1] = {entry[1], pending[4], entry[2]}
end
return {reply[1], taken, reply[3] or {}}
