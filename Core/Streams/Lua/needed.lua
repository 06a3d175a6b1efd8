#!lua flags=no-writes,allow-oom
-- Tells the lowest place in the stream that a group still needs: its first unread entry, or its lowest pending one.
-- Keeps: it changes nothing. Everything below that place is settled; without a group nothing is.
--
-- KEYS 1 stream
-- Returns {that place, the last place that an entry was given}; 0-0 where there is none
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

if redis.call('EXISTS', KEYS[1]) == 0 then return {'0-0', '0-0'} end
local lowest
for _, reply in ipairs(redis.call('XINFO', 'GROUPS', KEYS[1])) do
  local group = fields_of(reply)
  local ms, seq = string.match(group['last-delivered-id'], '(%d+)-(%d+)')
  local need = ms .. '-' .. string.format('%.0f', tonumber(seq) + 1)
  if group['pending'] > 0 then
    local pending = redis.call('XPENDING', KEYS[1], group['name'])[2]
    if less(pending, need) then need = pending end
  end
  if not lowest or less(need, lowest) then lowest = need end
end
return {lowest or '0-0', fields_of(redis.call('XINFO', 'STREAM', KEYS[1]))['last-generated-id']}
