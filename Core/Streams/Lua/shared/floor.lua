local function fields_of(reply)
  local fields = {}
  for i = 1, #reply, 2 do fields[reply[i]] = reply[i + 1] end
  return fields
end

-- The lowest position in a stream that a group still needs: its first unread entry or its lowest pending one. The pending one is usually
-- lower, but not after the group was set back or an entry was claimed by force.
local function needed_by(stream, group)
  local ms, seq = string.match(group['last-delivered-id'], '(%d+)-(%d+)')
  local need = ms .. '-' .. string.format('%.0f', tonumber(seq) + 1)
  local pending = group['pending'] > 0 and redis.call('XPENDING', stream, group['name'])[2]
  return pending and less(pending, need) and pending or need
end
