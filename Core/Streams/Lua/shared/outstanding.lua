-- Outstanding work of a stream: entries that were not delivered yet (lag) and entries that were delivered and are not settled (pending), of the
-- group that has the most of both. Redis knows both numbers, so no entry is read. The length is the upper bound: without a group, and while Redis
-- does not know a lag (after an XDEL, or a failover before 7.2), every entry may be outstanding.
-- Returns the work, and lag and pending of that group. The lag is -1 when it is unknown.
local function outstanding(stream, length)
  local work, lag, pending = -1, 0, 0
  for _, reply in ipairs(length > 0 and redis.call('XINFO', 'GROUPS', stream) or {}) do
    local group = {}
    for i = 1, #reply, 2 do group[reply[i]] = reply[i + 1] end
    local of_group = group['lag'] and group['lag'] + group['pending'] or length
    if of_group > work then work, lag, pending = of_group, group['lag'] or -1, group['pending'] end
  end
  if work < 0 then return length, length, 0 end
  return math.min(work, length), lag, pending
end
