-- A delivery is ours while the pending list still has it under our name with our number: XACK and XCLAIM check neither.
local function owned(stream, group, consumer, id, number)
  local pending = redis.call('XPENDING', stream, group, id, id, 1)[1]
  return pending and pending[2] == consumer and pending[4] == tonumber(number)
end
