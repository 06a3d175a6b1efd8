-- A consumer owns a delivery while the pending list has the entry under its name with its delivery count. XACK and XCLAIM check neither.
local function owned(stream, group, consumer, id, number)
  local pending = redis.call('XPENDING', stream, group, id, id, 1)[1]
  return pending and pending[2] == consumer and pending[4] == tonumber(number)
end
