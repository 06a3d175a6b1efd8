#!lua flags=allow-oom
-- Takes over deliveries whose lease has run out, from where the last call ended.
-- Keeps: what may have killed its consumers is handed out alone, so that it cannot burn the deliveries of others. The reply has no more bytes
-- than fit and one entry; what does not fit stays, and large ones do not pass one another, so that each comes to its turn.
--
-- KEYS 1 stream · 2 vanished · 3 postponed
-- ARGV 1 group · 2 consumer · 3 the waiting name · 4 lease in ms · 5 from, as in XPENDING · 6 count · 7 bytes, after which no more is looked at
--      8 the number from which on a delivery is a suspect if the one before never ended · 9 the last number that is run
--      10 1 = a suspect may be taken, and nothing beside it · 11 the name under which large ones wait · 12… free bytes, room, large, alone, as
--      in budget; then the entries that the consumer itself has in work: it would run them twice
-- Returns {from where to go on ('-' = all has been seen), {{entry, number, {name, value, …}}, …}, 1 = a suspect is next, 1 = something did not fit}
--@ budget
--@ vanished
set_budget(ARGV[12], ARGV[13], ARGV[14], ARGV[15])
local from, taken, working, left, large_waits = ARGV[5], {}, {}, 0, false
for i = 16, #ARGV do working[ARGV[i]] = true end

-- One that is postponed waits on, for another lease at most before it is looked at again.
local postponed, now = redis.call('EXISTS', KEYS[3]) == 1, redis.call('TIME')
now = now[1] * 1000 + math.floor(now[2] / 1000)
local function waits(id, owner)
  local till = postponed and owner == ARGV[3] and tonumber(string.match(redis.call('HGET', KEYS[3], id) or '', '^%d+') or 0) or 0
  if till <= now then return false end
  local claimed = redis.call('XCLAIM', KEYS[1], ARGV[1], ARGV[3], 0, id, 'IDLE', math.max(0, ARGV[4] - (till - now)), 'JUSTID')
  if #claimed == 0 then vanished(KEYS[2], 1, id) end
  return true
end

local function look(id, owner, count)
  -- All that wait under this name are large: behind one that waits there is nothing to look for.
  if owner == ARGV[11] and large_waits then return false end
  local entry = redis.call('XRANGE', KEYS[1], id, id)[1]
  local bytes = entry and size_of(entry[2]) or 0
  if entry and (not fits(bytes) or (large_waits and bytes > budget.large)) then
    left = 1
    large_waits = large_waits or bytes > small
    if bytes > small and owner == ARGV[3] then
      redis.call('XCLAIM', KEYS[1], ARGV[1], ARGV[11], 0, id, 'IDLE', ARGV[4], 'RETRYCOUNT', count, 'JUSTID')
    end
    return false
  end
  -- When somebody has deleted the entry from the stream, the claim clears the pending list of it, and the email is not processed.
  redis.call('XCLAIM', KEYS[1], ARGV[1], ARGV[2], 0, id, 'RETRYCOUNT', count + 1, 'JUSTID')
  if not entry then
    vanished(KEYS[2], 1, id)
    return false
  end
  take(bytes)
  taken[#taken + 1] = {id, count + 1, entry[2]}
  return true
end

local function answer(suspect)
  clean_up()
  return {from, taken, suspect, left}
end

local pending = redis.call('XPENDING', KEYS[1], ARGV[1], 'IDLE', ARGV[4], from, '+', ARGV[6])
for _, delivery in ipairs(pending) do
  local id, owner, number = delivery[1], delivery[2], delivery[4] + 1
  local ended = owner == ARGV[3] or owner == ARGV[11]
  local suspect = not ended and number >= tonumber(ARGV[8]) and number <= tonumber(ARGV[9])
  local ours = owner == ARGV[2] and working[id]
  if suspect and not ours and (ARGV[10] ~= '1' or #taken > 0) then return answer(1) end
  from = '(' .. id
  if not ours and not waits(id, owner) and look(id, owner, delivery[4]) and suspect then return answer(0) end
  if budget.seen >= tonumber(ARGV[7]) then return answer(0) end
end
if #pending < tonumber(ARGV[6]) then from = '-' end
return answer(0)
