#!lua flags=allow-oom
-- Hands our own deliveries out again whose reply we never saw: those under our name that we do not know of. Their number stays. What does not
-- fit into the bytes that we may have, and all of it when we stop, is given back uncounted, since nobody has run it.
--
-- KEYS 1 stream · 2 vanished
-- ARGV 1 group · 2 consumer · 3 the waiting name · 4 the name under which large ones wait · 5 lease in ms · 6 count · 7 bytes, after which no
--      more is looked at · 8… free bytes (-1 = give all back), room, large, alone, as in budget; then the entries that we know of
-- Returns {{{entry, number, {name, value, …}}, …}, how many were given back, 1 = there may be more}
--@ budget
--@ vanished
set_budget(ARGV[8], ARGV[9], ARGV[10], ARGV[11])
local page, known, taken, back, from = 1000, {}, {}, 0, '-'
for i = 12, #ARGV do known[ARGV[i]] = true end

local function give_back(id, number, name)
  local claimed = redis.call('XCLAIM', KEYS[1], ARGV[1], name, 0, id, 'IDLE', ARGV[5], 'RETRYCOUNT', math.max(0, number - 1), 'JUSTID')
  if #claimed == 0 then vanished(KEYS[2], 1, id) end
  back = back + 1
end

local function hand_out(id, number)
  local entry = redis.call('XRANGE', KEYS[1], id, id)[1]
  local bytes = entry and size_of(entry[2]) or 0
  if entry and not fits(bytes) then
    give_back(id, number, bytes > small and ARGV[4] or ARGV[3])
    return
  end
  -- When somebody has deleted the entry from the stream, the claim clears the pending list of it, and the email is not processed.
  redis.call('XCLAIM', KEYS[1], ARGV[1], ARGV[2], 0, id, 'RETRYCOUNT', number, 'JUSTID')
  if entry then
    take(bytes)
    taken[#taken + 1] = {id, number, entry[2]}
  else
    vanished(KEYS[2], 1, id)
  end
end

while true do
  local pending = redis.call('XPENDING', KEYS[1], ARGV[1], from, '+', page, ARGV[2])
  for _, delivery in ipairs(pending) do
    if #taken + back >= tonumber(ARGV[6]) or budget.seen >= tonumber(ARGV[7]) then
      clean_up()
      return {taken, back, 1}
    end
    if not known[delivery[1]] then
      if budget.free < 0 then give_back(delivery[1], delivery[4], ARGV[3]) else hand_out(delivery[1], delivery[4]) end
    end
    from = '(' .. delivery[1]
  end
  if #pending < page then
    clean_up()
    return {taken, back, 0}
  end
end
