#!lua flags=allow-oom
-- Trims what every group has settled: everything below the lowest entry that any group still needs.
-- Keeps: nothing unread or pending is trimmed, whatever the length; MINID leaves the lag known, where XDEL would make it null. A replica
-- that becomes the primary (before Redis 7.2) does not know how much a group has read, and would tell a lag too high for ever: a group
-- that has read everything is told so.
--
-- KEYS 1 stream
-- Returns how many entries went
local function parts(id)
  local ms, seq = string.match(id, '(%d+)-(%d+)')
  return tonumber(ms), tonumber(seq)
end
local function less(a, b)
  local ams, aseq = parts(a)
  local bms, bseq = parts(b)
  return ams < bms or (ams == bms and aseq < bseq)
end

local function fields_of(reply)
  local fields = {}
  for i = 1, #reply, 2 do fields[reply[i]] = reply[i + 1] end
  return fields
end

if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
local stream
local lowest
for _, reply in ipairs(redis.call('XINFO', 'GROUPS', KEYS[1])) do
  local group = fields_of(reply)
  if group['lag'] ~= 0 then
    stream = stream or fields_of(redis.call('XINFO', 'STREAM', KEYS[1]))
    if group['last-delivered-id'] == stream['last-generated-id'] then
      redis.call('XGROUP', 'SETID', KEYS[1], group['name'], group['last-delivered-id'], 'ENTRIESREAD', stream['entries-added'])
    end
  end
  -- The first unread one; a pending one usually lies below it, but not after a group was set back or an entry claimed by force.
  local ms, seq = string.match(group['last-delivered-id'], '(%d+)-(%d+)')
  local need = ms .. '-' .. string.format('%.0f', tonumber(seq) + 1)
  if group['pending'] > 0 then
    local pending = redis.call('XPENDING', KEYS[1], group['name'])[2]
    if less(pending, need) then need = pending end
  end
  if not lowest or less(need, lowest) then lowest = need end
end
if not lowest then return 0 end
return redis.call('XTRIM', KEYS[1], 'MINID', '=', lowest)
