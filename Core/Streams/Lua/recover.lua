#!lua flags=allow-oom
-- Hands our own deliveries out again whose reply we never saw: those under our name that we do not know of. Their number stays.
--
-- KEYS 1 stream · 2 vanished
-- ARGV 1 group · 2 consumer · 3 count; then the entries that we know of
-- Returns {{entry, number, {name, value, …}}, …}
--@ vanished
local page, known, taken, from = 1000, {}, {}, '-'
for i = 4, #ARGV do known[ARGV[i]] = true end
while true do
  local pending = redis.call('XPENDING', KEYS[1], ARGV[1], from, '+', page, ARGV[2])
  for _, delivery in ipairs(pending) do
    if #taken == tonumber(ARGV[3]) then return taken end
    if not known[delivery[1]] then
      local entry = redis.call('XCLAIM', KEYS[1], ARGV[1], ARGV[2], 0, delivery[1], 'RETRYCOUNT', delivery[4])[1]
      if entry then taken[#taken + 1] = {entry[1], delivery[4], entry[2]} else vanished(KEYS[2], 1, delivery[1]) end
    end
    from = '(' .. delivery[1]
  end
  if #pending < page then return taken end
end
