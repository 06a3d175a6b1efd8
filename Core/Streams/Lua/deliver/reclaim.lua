#!lua flags=allow-oom
-- Reclaims deliveries whose lease has run out, from where the last call ended. No body passes through Lua: the consumer fetches each by XRANGE. It
-- releases an entry that does not fit to the name it was claimed from.
-- Keeps: a suspected poison message is delivered without others, so that it cannot use up their deliveries. An entry that does not fit stays, and
-- large entries do not pass one another, so that each gets its turn.
--
-- KEYS 1 stream · 2 vanished · 3 postponed
-- ARGV 1 group · 2 consumer · 3 the waiting name · 4 lease in ms · 5 from, as in XPENDING · 6 count
--      7 the first delivery count that is suspected if the delivery before never ended · 8 the last delivery count that is run
--      9 1 = one suspected poison message may be reclaimed, without others · 10 the name under which large entries wait · 11 1 = a large entry
--      already waits, so that none may pass it · 12 how many entries the consumer has in work, which it would run twice · 13 how many it knows
--      that do not fit; then those, and then those that fit and must not pass another
-- Returns {where to continue ('-' = at the end), {{entry, delivery count, name it was claimed from}, …}, 1 = a suspected poison message is next,
-- 1 = a large entry was left}
--@ vanished
local from, taken, working, left, passing, large_waits = ARGV[5], {}, {}, {}, {}, ARGV[11] == '1'
for i = 14, #ARGV do
  local known = i < 14 + ARGV[12] and working or i < 14 + ARGV[12] + ARGV[13] and left or passing
  known[ARGV[i]] = true
end

-- A postponed entry keeps waiting. It is read again after another lease at the latest.
local postponed, now = redis.call('EXISTS', KEYS[3]) == 1, redis.call('TIME')
now = now[1] * 1000 + math.floor(now[2] / 1000)
local function waits(id, owner)
  local till = postponed and owner == ARGV[3] and tonumber(string.match(redis.call('HGET', KEYS[3], id) or '', '^%d+') or 0) or 0
  if till <= now then return false end
  local claimed = redis.call('XCLAIM', KEYS[1], ARGV[1], ARGV[3], 0, id, 'IDLE', math.max(0, ARGV[4] - (till - now)), 'JUSTID')
  if #claimed == 0 then vanished(KEYS[2], 1, id) end
  return true
end

-- Behind a large entry that waits, no other large entry is reclaimed.
local function is_left(id, owner)
  local is = left[id] or (large_waits and (owner == ARGV[10] or passing[id]))
  large_waits = large_waits or left[id] or false
  return is
end

local function take(id, owner, count)
  -- When somebody has deleted the entry from the stream, the claim removes it from the pending list, and the email is not processed.
  if #redis.call('XCLAIM', KEYS[1], ARGV[1], ARGV[2], 0, id, 'RETRYCOUNT', count + 1, 'JUSTID') == 0 then
    vanished(KEYS[2], 1, id)
    return false
  end
  taken[#taken + 1] = {id, count + 1, owner}
  return true
end

local function answer(suspect) return {from, taken, suspect, large_waits and 1 or 0} end

local page = math.max(100, ARGV[6])
local pending = redis.call('XPENDING', KEYS[1], ARGV[1], 'IDLE', ARGV[4], from, '+', page)
for _, delivery in ipairs(pending) do
  if #taken >= tonumber(ARGV[6]) then return answer(0) end
  local id, owner, number = delivery[1], delivery[2], delivery[4] + 1
  local ended = owner == ARGV[3] or owner == ARGV[10]
  local suspect = not ended and number >= tonumber(ARGV[7]) and number <= tonumber(ARGV[8])
  local ours = owner == ARGV[2] and working[id]
  if suspect and not ours and (ARGV[9] ~= '1' or #taken > 0) then return answer(1) end
  from = '(' .. id
  if not ours and not waits(id, owner) and not is_left(id, owner) and take(id, owner, delivery[4]) and suspect then return answer(0) end
end
if #pending < page then from = '-' end
return answer(0)
